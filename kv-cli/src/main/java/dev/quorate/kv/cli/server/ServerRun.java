package dev.quorate.kv.cli.server;

import dev.quorate.kv.cli.CliException;
import dev.quorate.kv.cli.ExitCode;
import dev.quorate.kv.cli.client.Endpoint;
import dev.quorate.kv.server.KvServer;
import dev.quorate.kv.server.KvServerConfig;
import dev.quorate.kv.server.KvServerException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/** A server from its start to its end. */
public final class ServerRun {

    private final ServerSettings settings;

    public ServerRun(ServerSettings settings) {
        this.settings = settings;
    }

    /**
     * Runs until the server stops.
     *
     * @param stopOnSignal told what to do when the process is asked to end
     * @throws CliException if it does not start (definite), or stops itself later (internal)
     */
    public ExitCode run(Consumer<Runnable> stopOnSignal) throws InterruptedException {
        try (KvServer server = start()) {
            stopOnSignal.accept(server::close);
            System.out.println(settings.name() + " is ready: clients " + settings.clientAddress() + ", peers "
                    + settings.peerAddress() + ", data " + settings.dataDirectory() + ", pid "
                    + ProcessHandle.current().pid());
            System.out.flush();
            server.stopped().get();
            return ExitCode.OK;
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new CliException(ExitCode.INTERNAL, settings.name() + " stopped itself: " + cause.getMessage());
        }
    }

    private KvServer start() {
        try {
            return KvServer.start(config(settings));
        } catch (IllegalArgumentException e) {
            throw CliException.usage(settings.name() + ": " + e.getMessage());
        } catch (KvServerException e) {
            throw CliException.definite(settings.name() + ": " + e.getMessage());
        }
    }

    /** The same, for whoever prepares a directory for this server. */
    public static KvServerConfig config(ServerSettings settings) {
        Map<String, String> members = new LinkedHashMap<>();
        settings.initialCluster().forEach((name, peer) -> members.put(name, peer.hostPort()));
        KvServerConfig.Builder config = KvServerConfig.builder(settings.name())
                .clientAddress(settings.clientAddress().hostPort())
                .peerAddress(settings.peerAddress().hostPort())
                .initialCluster(members)
                .join(settings.join().stream().map(Endpoint::hostPort).toList())
                .clusterToken(settings.clusterToken())
                .dataDirectory(settings.dataDirectory())
                .upkeep(settings.upkeep())
                .clientTls(settings.clientTls())
                .peerTls(settings.peerTls())
                .authTokens(settings.authTokens());
        if (settings.advertiseClient() != null) {
            config.advertisedClientAddress(settings.advertiseClient().hostPort());
        }
        if (settings.electionTimeout() != null) {
            config.electionTimeout(settings.electionTimeout());
        }
        if (settings.heartbeatInterval() != null) {
            config.heartbeatInterval(settings.heartbeatInterval());
        }
        if (settings.snapshotEveryEntries() != null) {
            config.snapshotEveryEntries(settings.snapshotEveryEntries());
        }
        if (settings.snapshotBytesPerSecond() != null) {
            config.snapshotBytesPerSecond(settings.snapshotBytesPerSecond());
        }
        if (settings.maxClockDrift() != null) {
            config.maxClockDrift(settings.maxClockDrift());
        }
        if (settings.maxLearners() != null) {
            config.maxLearners((int) Math.min(Integer.MAX_VALUE, settings.maxLearners()));
        }
        if (settings.watchProgressNotifyInterval() != null) {
            config.watchProgressNotifyInterval(settings.watchProgressNotifyInterval());
        }
        return config.build();
    }
}
