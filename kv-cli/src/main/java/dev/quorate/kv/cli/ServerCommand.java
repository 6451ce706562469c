package dev.quorate.kv.cli;

import dev.quorate.kv.cli.server.ServerFlag;
import dev.quorate.kv.cli.server.ServerLog;
import dev.quorate.kv.cli.server.ServerRun;
import dev.quorate.kv.cli.server.ServerSettings;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "server",
        header = "Run one server in the foreground.",
        description = {
            "Prints one line when it is ready. SIGTERM (or Ctrl-C) stops it in good order, exit code 0; if it cannot start,",
            "one line says why, exit code 2 or 3. A server that can no longer vouch for its data stops itself, exit code 5."
        },
        footer = {
            "",
            "Example: one member of three, here on one host.",
            "  kv server --name n1 --data-dir /var/lib/quorate/n1 \\",
            "      --client-address 10.0.0.1:2379 --peer-address 10.0.0.1:2380 \\",
            "      --initial-cluster n1=10.0.0.1:2380,n2=10.0.0.2:2380,n3=10.0.0.3:2380",
            "The same from a file with lines such as 'data-dir=/var/lib/quorate/n1':",
            "  kv server --config /etc/quorate.properties --name n1"
        })
final class ServerCommand implements Callable<Integer> {

    @Mixin
    final HelpOption help = new HelpOption();

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "A properties file with the flags below, without the dashes. Flags win.")
    private @Nullable Path config;

    @Option(names = "--name", paramLabel = "NAME", description = "Which member this is. Required.")
    private @Nullable String name;

    @Option(
            names = "--client-address",
            paramLabel = "HOST:PORT",
            description = "Where it listens for clients. Default: 127.0.0.1:2379.")
    private @Nullable String clientAddress;

    @Option(
            names = "--advertise-client",
            paramLabel = "HOST:PORT",
            description = "How clients reach it. Default: the client address; needed if that is 0.0.0.0 or ::.")
    private @Nullable String advertiseClient;

    @Option(
            names = "--peer-address",
            paramLabel = "HOST:PORT",
            description = "Where it listens for other members. Default: 127.0.0.1:2380.")
    private @Nullable String peerAddress;

    @Option(
            names = "--initial-cluster",
            paramLabel = "NAME=HOST:PORT,…",
            description = "Peer addresses of all members, the same for each of them. Default: this one alone.")
    private @Nullable String initialCluster;

    @Option(
            names = "--join",
            paramLabel = "HOST:PORT,…",
            description = "Client addresses of a running cluster that 'kv member add' has added this server to.")
    private @Nullable String join;

    @Option(
            names = "--cluster-token",
            paramLabel = "TOKEN",
            description = "Tells this cluster from others; the same for each member. Default: quorate.")
    private @Nullable String clusterToken;

    @Option(names = "--data-dir", paramLabel = "DIR", description = "What it must not lose. Required.")
    private @Nullable String dataDirectory;

    @Option(
            names = "--election-timeout",
            paramLabel = "DURATION",
            description = "Silence of the leader after which a follower stands for election.")
    private @Nullable String electionTimeout;

    @Option(
            names = "--heartbeat-interval",
            paramLabel = "DURATION",
            description = "How often the leader says that it lives.")
    private @Nullable String heartbeatInterval;

    @Option(names = "--snapshot-every", paramLabel = "ENTRIES", description = "Log entries between two snapshots.")
    private @Nullable String snapshotEvery;

    @Option(
            names = "--snapshot-rate",
            paramLabel = "SIZE",
            description = "Bytes per second that it sends of snapshots, such as 512KiB or 10MiB. Default: 64MiB.")
    private @Nullable String snapshotRate;

    @Option(
            names = "--watch-progress-notify-interval",
            paramLabel = "DURATION",
            description = "How often watchers that ask for it hear how far they are. Default: 10m.")
    private @Nullable String watchProgressNotifyInterval;

    @Option(
            names = "--max-clock-drift",
            paramLabel = "FRACTION",
            description =
                    "By how much clocks of members may go apart, such as 0.01 or 1%%; the same for each member. Reads by"
                            + " lease need it to cost no round, and are stale if it is not kept. Default: no bound.")
    private @Nullable String maxClockDrift;

    @Option(
            names = "--max-learners",
            paramLabel = "NUMBER",
            description = "How many members may be learners until they are promoted. Default: 1.")
    private @Nullable String maxLearners;

    @Option(
            names = "--quota-backend-bytes",
            paramLabel = "SIZE",
            description =
                    "How large the store may become before it takes no more, such as 8GiB; 0 for no limit. Default: 2GiB.")
    private @Nullable String quotaBackendBytes;

    @Option(
            names = "--auto-compaction-mode",
            paramLabel = "MODE",
            description = "What the retention counts: periodic (time) or revision. Default: periodic.")
    private @Nullable String autoCompactionMode;

    @Option(
            names = "--auto-compaction-retention",
            paramLabel = "RETENTION",
            description =
                    "History that is kept when the leader compacts by itself, such as 1h, or 10000 revisions. Default: all.")
    private @Nullable String autoCompactionRetention;

    @Option(
            names = "--corruption-check-interval",
            paramLabel = "DURATION",
            description =
                    "How often the leader has the members compare what they hold, 0 for never; an alarm tells. Default: 12h.")
    private @Nullable String corruptionCheckInterval;

    @Option(
            names = "--auth-token",
            paramLabel = "simple|jwt,…",
            description = {
                "What users get for their passwords: simple (default), or signed, the same at all members:",
                "jwt,sign-method=ES256,priv-key=FILE,pub-key=FILE[,ttl=5m]; HS256 has priv-key alone, a secret;",
                "with pub-key alone, this member verifies what others have signed."
            })
    private @Nullable String authToken;

    @Option(
            names = "--cert-file",
            paramLabel = "FILE",
            description = "Its certificate for clients (PEM), and what leads to a root; they connect with TLS then.")
    private @Nullable String certFile;

    @Option(names = "--key-file", paramLabel = "FILE", description = "The certificate's private key (PEM, PKCS #8).")
    private @Nullable String keyFile;

    @Option(
            names = "--client-cert-auth",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "true|false",
            description =
                    "Clients must show a certificate; its common name is their user where permissions are in force.")
    private @Nullable String clientCertAuth;

    @Option(
            names = "--trusted-ca-file",
            paramLabel = "FILE",
            description = "The roots that clients' certificates must lead to (PEM); they must show one then.")
    private @Nullable String trustedCaFile;

    @Option(
            names = "--peer-cert-file",
            paramLabel = "FILE",
            description = "Its certificate for other members (PEM); all members speak TLS with each other, or none.")
    private @Nullable String peerCertFile;

    @Option(names = "--peer-key-file", paramLabel = "FILE", description = "That certificate's key (PEM, PKCS #8).")
    private @Nullable String peerKeyFile;

    @Option(
            names = "--peer-client-cert-auth",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "true|false",
            description = "Members that connect must show a certificate.")
    private @Nullable String peerClientCertAuth;

    @Option(
            names = "--peer-trusted-ca-file",
            paramLabel = "FILE",
            description = "The roots that members' certificates must lead to (PEM), in both directions.")
    private @Nullable String peerTrustedCaFile;

    @Override
    public Integer call() throws InterruptedException {
        ServerLog.setUp();
        return new ServerRun(ServerSettings.of(flags(), config))
                .run(Main::stopOnSignal)
                .code();
    }

    private Map<ServerFlag, String> flags() {
        Map<ServerFlag, String> flags = new EnumMap<>(ServerFlag.class);
        put(flags, ServerFlag.NAME, name);
        put(flags, ServerFlag.CLIENT_ADDRESS, clientAddress);
        put(flags, ServerFlag.ADVERTISE_CLIENT, advertiseClient);
        put(flags, ServerFlag.PEER_ADDRESS, peerAddress);
        put(flags, ServerFlag.INITIAL_CLUSTER, initialCluster);
        put(flags, ServerFlag.JOIN, join);
        put(flags, ServerFlag.CLUSTER_TOKEN, clusterToken);
        put(flags, ServerFlag.DATA_DIR, dataDirectory);
        put(flags, ServerFlag.ELECTION_TIMEOUT, electionTimeout);
        put(flags, ServerFlag.HEARTBEAT_INTERVAL, heartbeatInterval);
        put(flags, ServerFlag.SNAPSHOT_EVERY, snapshotEvery);
        put(flags, ServerFlag.SNAPSHOT_RATE, snapshotRate);
        put(flags, ServerFlag.QUOTA_BACKEND_BYTES, quotaBackendBytes);
        put(flags, ServerFlag.AUTO_COMPACTION_MODE, autoCompactionMode);
        put(flags, ServerFlag.AUTO_COMPACTION_RETENTION, autoCompactionRetention);
        put(flags, ServerFlag.CORRUPTION_CHECK_INTERVAL, corruptionCheckInterval);
        put(flags, ServerFlag.MAX_CLOCK_DRIFT, maxClockDrift);
        put(flags, ServerFlag.MAX_LEARNERS, maxLearners);
        put(flags, ServerFlag.WATCH_PROGRESS_NOTIFY_INTERVAL, watchProgressNotifyInterval);
        put(flags, ServerFlag.AUTH_TOKEN, authToken);
        put(flags, ServerFlag.CERT_FILE, certFile);
        put(flags, ServerFlag.KEY_FILE, keyFile);
        put(flags, ServerFlag.CLIENT_CERT_AUTH, clientCertAuth);
        put(flags, ServerFlag.TRUSTED_CA_FILE, trustedCaFile);
        put(flags, ServerFlag.PEER_CERT_FILE, peerCertFile);
        put(flags, ServerFlag.PEER_KEY_FILE, peerKeyFile);
        put(flags, ServerFlag.PEER_CLIENT_CERT_AUTH, peerClientCertAuth);
        put(flags, ServerFlag.PEER_TRUSTED_CA_FILE, peerTrustedCaFile);
        return flags;
    }

    private static void put(Map<ServerFlag, String> flags, ServerFlag flag, @Nullable String value) {
        if (value != null) {
            flags.put(flag, value);
        }
    }
}
