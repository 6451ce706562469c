package dev.quorate.kv.cli;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.LeaseGrantRequest;
import dev.quorate.kv.api.LeaseGrantResponse;
import dev.quorate.kv.api.LeaseGrpc;
import dev.quorate.kv.api.LeaseKeepAliveRequest;
import dev.quorate.kv.api.LeaseKeepAliveResponse;
import dev.quorate.kv.api.LeaseLeasesRequest;
import dev.quorate.kv.api.LeaseRevokeRequest;
import dev.quorate.kv.api.LeaseStatus;
import dev.quorate.kv.api.LeaseTimeToLiveRequest;
import dev.quorate.kv.api.LeaseTimeToLiveResponse;
import dev.quorate.kv.cli.client.KvClient;
import dev.quorate.kv.cli.output.JsonWriter;
import dev.quorate.kv.cli.output.Terminal;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "lease",
        header = "Grant, renew and end leases: keys that go when nobody renews them.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            LeaseCommand.Grant.class,
            LeaseCommand.Revoke.class,
            LeaseCommand.KeepAlive.class,
            LeaseCommand.TimeToLive.class,
            LeaseCommand.ListAll.class
        },
        footer = {
            "",
            "Example: a key that is there as long as this shell renews its lease.",
            "  id=$(kv lease grant 10s)",
            "  kv put --lease $id services/a 10.0.0.1:80",
            "  kv lease keep-alive $id"
        })
final class LeaseCommand {

    @Mixin
    final HelpOption help = new HelpOption();

    /**
     * @param text hexadecimal digits, as {@code kv} and etcdctl print them
     * @throws CliException (usage) if they are none
     */
    static long id(String text) {
        try {
            long id = Long.parseUnsignedLong(text, 16);
            if (id != 0) {
                return id;
            }
        } catch (NumberFormatException e) {
            // Said below, as for zero.
        }
        throw CliException.usage("'" + text + "' is no lease: its id has 1 to 16 hexadecimal digits and is not 0");
    }

    private static CliException notThere(String id) {
        return CliException.definite("there is no lease " + id + ": it has ended, or was never granted");
    }

    /** A command about one lease. */
    abstract static class OfLease extends ClientCommand {
        @Parameters(index = "0", paramLabel = "LEASE", description = "The lease's id, in hexadecimal digits.")
        String lease = "";
    }

    @Command(
            name = "grant",
            header = "Grant a lease, and print its id.",
            footer = {"", "Example:", "  kv lease grant 10s"})
    static final class Grant extends ClientCommand {
        @Parameters(paramLabel = "TTL", description = "How long it lasts without a renewal, such as 10s or 5m.")
        private Duration ttl = Duration.ofSeconds(10);

        @Override
        ExitCode run(KvClient client, Terminal terminal) {
            if (ttl.toSeconds() < 1) {
                throw CliException.usage("a lease of " + ttl.toMillis() + " ms is too short: at least 1s");
            }
            LeaseGrantResponse granted = client.change(
                    LeaseGrpc.getLeaseGrantMethod(),
                    LeaseGrantRequest.newBuilder().setTTL(ttl.toSeconds()).build());
            terminal.line(
                    output.json()
                            ? JsonWriter.object(json ->
                                    json.idField("lease", granted.getID()).field("ttlSeconds", granted.getTTL()))
                            : Long.toHexString(granted.getID()));
            return ExitCode.OK;
        }
    }

    @Command(
            name = "revoke",
            header = "End a lease now, and delete its keys.",
            footer = {"", "Example:", "  kv lease revoke 5f3a"})
    static final class Revoke extends OfLease {
        @Override
        ExitCode run(KvClient client, Terminal terminal) {
            client.change(
                    LeaseGrpc.getLeaseRevokeMethod(),
                    LeaseRevokeRequest.newBuilder().setID(id(lease)).build());
            terminal.line("revoked " + lease);
            return ExitCode.OK;
        }
    }

    @Command(
            name = "keep-alive",
            header = "Renew a lease until Ctrl-C.",
            description = "It is renewed three times in its duration. Ends with code 3 if the lease is not there.",
            footer = {"", "Example:", "  kv lease keep-alive 5f3a"})
    static final class KeepAlive extends OfLease {
        private static final long TIMES_PER_TTL = 3;

        @Option(names = "--once", description = "Renew it one time.")
        private boolean once;

        @Override
        ExitCode run(KvClient client, Terminal terminal) {
            long id = id(lease);
            Main.stopOnSignal(() -> {});
            while (true) {
                LeaseKeepAliveResponse renewed = client.ask( // to renew it twice does no harm
                        LeaseGrpc.getLeaseKeepAliveMethod(),
                        LeaseKeepAliveRequest.newBuilder().setID(id).build());
                if (renewed.getTTL() <= 0) {
                    throw notThere(lease);
                }
                terminal.line("lease " + lease + " lasts for " + renewed.getTTL() + " s");
                System.out.flush();
                if (once) {
                    return ExitCode.OK;
                }
                long pauseNanos = Duration.ofSeconds(renewed.getTTL()).toNanos() / TIMES_PER_TTL;
                long until = System.nanoTime() + pauseNanos;
                for (long left = pauseNanos; left > 0; left = until - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                }
            }
        }
    }

    @Command(
            name = "timetolive",
            header = "Show how long a lease lasts yet.",
            footer = {"", "Example:", "  kv lease timetolive 5f3a --keys"})
    static final class TimeToLive extends OfLease {
        @Option(names = "--keys", description = "Also show its keys.")
        private boolean withKeys;

        @Override
        ExitCode run(KvClient client, Terminal terminal) {
            LeaseTimeToLiveResponse left = client.ask(
                    LeaseGrpc.getLeaseTimeToLiveMethod(),
                    LeaseTimeToLiveRequest.newBuilder()
                            .setID(id(lease))
                            .setKeys(withKeys)
                            .build());
            if (left.getTTL() < 0) {
                throw notThere(lease);
            }
            List<String> keys = left.getKeysList().stream()
                    .map(ByteString::toStringUtf8)
                    .sorted()
                    .toList();
            if (output.json()) {
                terminal.line(JsonWriter.object(json -> json.idField("lease", left.getID())
                        .field("ttlSeconds", left.getTTL())
                        .field("grantedTtlSeconds", left.getGrantedTTL())
                        .stringsField("keys", keys)));
                return ExitCode.OK;
            }
            terminal.line("lease " + lease + " lasts for " + left.getTTL() + " of " + left.getGrantedTTL() + " s");
            keys.forEach(terminal::line);
            return ExitCode.OK;
        }
    }

    @Command(
            name = "list",
            header = "List all leases.",
            footer = {"", "Example:", "  kv lease list"})
    static final class ListAll extends ClientCommand {
        @Override
        ExitCode run(KvClient client, Terminal terminal) {
            List<String> ids = client
                    .ask(LeaseGrpc.getLeaseLeasesMethod(), LeaseLeasesRequest.getDefaultInstance())
                    .getLeasesList()
                    .stream()
                    .map(LeaseStatus::getID)
                    .map(Long::toHexString)
                    .sorted()
                    .toList();
            if (output.json()) {
                terminal.line(JsonWriter.object(json -> json.stringsField("leases", ids)));
            } else {
                ids.forEach(terminal::line);
            }
            return ExitCode.OK;
        }
    }
}
