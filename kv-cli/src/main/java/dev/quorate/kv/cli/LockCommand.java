package dev.quorate.kv.cli;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.LockGrpc;
import dev.quorate.kv.api.LockRequest;
import dev.quorate.kv.cli.client.KvClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "lock",
        header = "Hold a lock while a command runs, or until Ctrl-C.",
        description = {
            "Waits until nobody else holds it. The command is told the lock's key in $KV_LOCK_KEY; its exit code is this one's.",
            "If the lock is lost, because no server could be reached for the TTL, the command is ended and the exit code is 4."
        },
        footer = {
            "",
            "Examples:",
            "  kv lock backup ./backup.sh",
            "  kv lock backup -- sh -c 'tar c /data | ssh store cat'"
        })
final class LockCommand implements Callable<Integer> {

    /** A lock may be waited for as long as it takes. */
    private static final Duration FOREVER = Duration.ofDays(3_650);

    @Mixin
    final EndpointOptions servers = new EndpointOptions();

    @Mixin
    final HelpOption help = new HelpOption();

    @Parameters(index = "0", paramLabel = "NAME", description = "What the lock is called.")
    private String name = "";

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "COMMAND",
            description = "What to run, with its arguments.")
    private List<String> command = new ArrayList<>();

    @Option(
            names = "--ttl",
            paramLabel = "DURATION",
            defaultValue = "10s",
            description = "How long the lock outlives this process, if it is killed. Default: ${DEFAULT-VALUE}.")
    private Duration ttl = Duration.ofSeconds(10);

    private final CountDownLatch lost = new CountDownLatch(1);
    private final AtomicReference<@Nullable Process> child = new AtomicReference<>();

    @Override
    public Integer call() throws Exception {
        try (Session session = new Session(servers.connect(), ttl, this::lose);
                KvClient client = servers.connect(FOREVER)) {
            Main.stopOnSignal(session::close);
            ByteString key = client.ask( // the same lease has the same lock, however often it asks
                            LockGrpc.getLockMethod(),
                            LockRequest.newBuilder()
                                    .setName(ByteString.copyFromUtf8(name))
                                    .setLease(session.lease())
                                    .build())
                    .getKey();
            int code = command.isEmpty() ? hold(key) : run(key);
            return lost.getCount() == 0 ? lostCode() : code;
        }
    }

    private int hold(ByteString key) throws InterruptedException {
        System.out.println(key.toStringUtf8());
        System.out.flush();
        lost.await();
        return ExitCode.OK.code();
    }

    private int run(ByteString key) throws InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        builder.environment().put("KV_LOCK_KEY", key.toStringUtf8());
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw CliException.definite("'" + command.get(0) + "' cannot be run: " + e.getMessage());
        }
        child.set(process);
        if (lost.getCount() == 0) {
            process.destroy();
        }
        return process.waitFor();
    }

    private void lose() {
        lost.countDown();
        Process process = child.get();
        if (process != null) {
            process.destroy();
        }
    }

    private int lostCode() {
        System.err.println(
                "kv lock: the lock '" + name + "' is lost: its lease could not be renewed; somebody else may hold it");
        return ExitCode.INDEFINITE.code();
    }
}
