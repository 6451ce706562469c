package dev.quorate.kv.cli;

import dev.quorate.kv.cli.cluster.ClusterDirectory;
import dev.quorate.kv.cli.cluster.ClusterManager;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which cluster of this machine a command is about. */
final class ClusterOptions {

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "Where the cluster keeps its data, logs and pid files. Default: ~/.quorate.")
    private @Nullable Path directory;

    @Mixin
    final HelpOption help = new HelpOption();

    ClusterManager manager() {
        return new ClusterManager(ClusterDirectory.orDefault(directory));
    }

    /** What a user has to add to the next command to mean the same cluster. */
    String asFlag() {
        return directory == null ? "" : " --dir " + directory;
    }
}
