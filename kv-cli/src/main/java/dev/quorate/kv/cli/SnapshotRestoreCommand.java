package dev.quorate.kv.cli;

import dev.quorate.kv.backup.BackupFile;
import dev.quorate.kv.cli.output.JsonWriter;
import dev.quorate.kv.cli.output.Terminal;
import dev.quorate.kv.cli.server.Restoration;
import dev.quorate.kv.cli.server.ServerFlag;
import dev.quorate.kv.cli.server.ServerSettings;
import dev.quorate.kv.server.KvRestore;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "restore",
        header = "Make the data directory of one member of a new cluster that begins with a backup.",
        description = {
            "Run it once for each member, with the same file and the flags that its server will have; then start the servers.",
            "It is a new cluster with an id of its own: members of the old one, and members made from another file, are not",
            "let in. Leases begin their time anew. The directory must be empty or missing; if this fails, it stays so."
        },
        footer = {
            "",
            "Example: the first of three members.",
            "  kv snapshot restore backup.db --name n1 --data-dir /var/lib/quorate/n1 \\",
            "      --initial-cluster n1=10.0.0.1:2380,n2=10.0.0.2:2380,n3=10.0.0.3:2380",
            "The same with the server's own file:",
            "  kv snapshot restore backup.db --config /etc/quorate.properties --name n1"
        })
final class SnapshotRestoreCommand implements Callable<Integer> {

    @Mixin
    final OutputOptions output = new OutputOptions();

    @Mixin
    final HelpOption help = new HelpOption();

    @Parameters(paramLabel = "FILE", description = "The backup.")
    private Path file = Path.of("");

    @Option(names = "--config", paramLabel = "FILE", description = "The server's properties file. Flags win.")
    private @Nullable Path config;

    @Option(names = "--name", paramLabel = "NAME", description = "Which member this is. Required.")
    private @Nullable String name;

    @Option(
            names = "--peer-address",
            paramLabel = "HOST:PORT",
            description = "Where it listens for other members; says who a cluster of one is. Default: 127.0.0.1:2380.")
    private @Nullable String peerAddress;

    @Option(
            names = "--initial-cluster",
            paramLabel = "NAME=HOST:PORT,…",
            description = "Peer addresses of all members, the same for each of them. Default: this one alone.")
    private @Nullable String initialCluster;

    @Option(
            names = "--cluster-token",
            paramLabel = "TOKEN",
            description = "Tells this cluster from others; the same for each member. Default: quorate.")
    private @Nullable String clusterToken;

    @Option(names = "--data-dir", paramLabel = "DIR", description = "Where the member will live. Required.")
    private @Nullable String dataDirectory;

    @Option(
            names = "--bump-revision",
            paramLabel = "N",
            description =
                    "Go on N revisions later, without the history before: clients that have seen revisions which the backup does"
                            + " not have are then told so, instead of missing what is new under the same numbers.")
    private long bump;

    @Override
    public Integer call() {
        Map<ServerFlag, String> flags = new EnumMap<>(ServerFlag.class);
        put(flags, ServerFlag.NAME, name);
        put(flags, ServerFlag.PEER_ADDRESS, peerAddress);
        put(flags, ServerFlag.INITIAL_CLUSTER, initialCluster);
        put(flags, ServerFlag.CLUSTER_TOKEN, clusterToken);
        put(flags, ServerFlag.DATA_DIR, dataDirectory);
        ServerSettings settings = ServerSettings.of(flags, config);
        BackupFile backup = BackupFiles.open(file);
        ProgressBar bar = new ProgressBar(System.err, Tty.STANDARD_ERROR.isTerminal());
        KvRestore.Restored restored;
        try {
            restored = Restoration.run(backup, settings, bump, read -> bar.at(read, backup.archiveBytes()));
        } finally {
            bar.clear();
        }
        String cluster = String.format(Locale.ROOT, "%016x", restored.clusterId());
        if (output.json()) {
            Terminal.standard()
                    .line(JsonWriter.object(json -> json.field("member", settings.name())
                            .field("dataDir", settings.dataDirectory().toString())
                            .field("clusterId", cluster)
                            .field("revision", restored.revision())));
        } else {
            Terminal.standard()
                    .line("restored " + settings.name() + " of cluster " + cluster + " at revision "
                            + restored.revision() + " in " + settings.dataDirectory());
        }
        return ExitCode.OK.code();
    }

    private static void put(Map<ServerFlag, String> flags, ServerFlag flag, @Nullable String value) {
        if (value != null) {
            flags.put(flag, value);
        }
    }
}
