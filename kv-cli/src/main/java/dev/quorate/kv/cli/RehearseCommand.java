package dev.quorate.kv.cli;

import dev.quorate.kv.cli.cluster.ClusterDirectory;
import dev.quorate.kv.cli.cluster.ClusterManager;
import dev.quorate.kv.cli.cluster.FreePorts;
import dev.quorate.kv.cli.cluster.StartRequest;
import dev.quorate.raft.log.rocksdb.NativeLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * What {@code ./kv} runs once after a build, in a JVM that notes which classes it loads: the life of a small cluster. Both
 * archives are made of it, the client's by this process and the server's by one of its nodes.
 */
@Command(
        name = "rehearse",
        hidden = true,
        header = "Live through a cluster's life once, for the class data archives.",
        footer = {"", "Example:", "  java -XX:ArchiveClassesAtExit=client.jsa -jar kv.jar rehearse"})
final class RehearseCommand implements Callable<Integer> {

    private static final int NODES = 3;
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    @Mixin
    final HelpOption help = new HelpOption();

    @Option(names = "--server-jvm-arg", paramLabel = "ARG", description = "For one of the servers.")
    private List<String> serverJvmArguments = List.of();

    @Option(names = "--unpack-native", paramLabel = "DIR", description = "Where to put RocksDB's native library.")
    private @Nullable Path nativeDirectory;

    @Override
    public Integer call() throws IOException {
        if (nativeDirectory != null) {
            NativeLibrary.unpackTo(Files.createDirectories(nativeDirectory));
        }
        Path directory = Files.createTempDirectory("quorate-rehearsal");
        ClusterManager manager = new ClusterManager(new ClusterDirectory(directory));
        try {
            manager.start(new StartRequest(
                    NODES, FreePorts.basePort(NODES), "rehearsal", List.of(), List.of(), null, false, START_LIMIT));
            String dir = directory.toString();
            // The node that takes notes leads for a while and follows for a while.
            manager.kill("n1");
            manager.start(new StartRequest(null, null, null, serverJvmArguments, List.of(), null, false, START_LIMIT));
            for (int i = 0; i < 3; i++) {
                execute("put", "--dir", dir, "greeting", "hello");
                execute("get", "--dir", dir, "greeting");
            }
            execute("get", "--dir", dir, "--prefix", "greet", "--output", "json");
            execute("status", "--dir", dir);
            execute("members", "--dir", dir);
            execute("cluster", "status", "--dir", dir);
            execute("del", "--dir", dir, "greeting");
            return ExitCode.OK.code();
        } finally {
            manager.stop();
            manager.destroy();
        }
    }

    private static void execute(String... arguments) {
        int code = Main.commandLine(arguments).execute(arguments);
        if (code != ExitCode.OK.code()) {
            throw CliException.definite("'kv " + String.join(" ", arguments) + "' ended with exit code " + code);
        }
    }
}
