package dev.quorate.kv.cli.cluster;

import dev.quorate.kv.cli.CliException;
import dev.quorate.raft.transport.netty.tls.TlsOptions;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a cluster leaves on this machine.
 *
 * <pre>
 *   DIR/cluster.properties   its shape: token, nodes, ports, JVM arguments
 *   DIR/lock                 held by a `kv cluster` command at work
 *   DIR/n1/data/             what the member must not lose
 *   DIR/n1/server.log        what it said
 *   DIR/n1/server.pid        which process it is
 * </pre>
 */
public final class ClusterDirectory {

    private static final String PROPERTIES = "cluster.properties";
    private static final String TLS = "tls";
    private static final String LOCK = "lock";
    private static final String JVM_ARGS = "jvm.args";
    private static final String SERVER_ARGS = "server.args";

    private final Path root;

    public ClusterDirectory(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    /** {@code directory}, or {@code ~/.quorate} if that is null. */
    public static ClusterDirectory orDefault(@Nullable Path directory) {
        return new ClusterDirectory(
                directory != null ? directory : Path.of(System.getProperty("user.home"), ".quorate"));
    }

    public Path root() {
        return root;
    }

    NodeDirectory node(String name) {
        return new NodeDirectory(root.resolve(name));
    }

    /** The cluster's shape, null if there is no cluster here. */
    public @Nullable ClusterLayout layoutIfPresent() {
        ClusterSettings settings = settingsIfPresent();
        return settings == null ? null : settings.layout();
    }

    /** What clients of the cluster trust and show; null if they speak without TLS. */
    public @Nullable TlsOptions clientTls() {
        ClusterLayout layout = layoutIfPresent();
        return layout != null && layout.hasTls() ? tls().client() : null;
    }

    LocalTls tls() {
        return new LocalTls(root.resolve(TLS));
    }

    /** The processes of the nodes that run. */
    public List<Long> pids() {
        return settings().layout().nodes().stream()
                .map(node -> node(node.name()).process())
                .filter(Objects::nonNull)
                .map(NodeProcess::pid)
                .toList();
    }

    @Nullable
    ClusterSettings settingsIfPresent() {
        Path file = root.resolve(PROPERTIES);
        if (!Files.exists(file)) {
            return null;
        }
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
            return new ClusterSettings(
                    ClusterLayout.readFrom(properties),
                    words(properties.getProperty(JVM_ARGS, "")),
                    words(properties.getProperty(SERVER_ARGS, "")));
        } catch (IOException | IllegalArgumentException | CliException e) {
            throw CliException.definite(file + " cannot be used: " + Failures.reason(e));
        }
    }

    /**
     * @throws CliException (definite) if there is no cluster here
     */
    ClusterSettings settings() {
        ClusterSettings settings = settingsIfPresent();
        if (settings == null) {
            throw CliException.definite(
                    "no cluster in " + root + "; start one with 'kv cluster start', or name its directory with --dir");
        }
        return settings;
    }

    void save(ClusterSettings settings) throws IOException {
        Properties properties = new Properties();
        settings.layout().writeTo(properties);
        properties.setProperty(JVM_ARGS, String.join(" ", settings.jvmArguments()));
        properties.setProperty(SERVER_ARGS, String.join(" ", settings.serverArguments()));
        Path file = root.resolve(PROPERTIES);
        Path temporary = root.resolve(PROPERTIES + ".new");
        try (Writer writer = Files.newBufferedWriter(temporary)) {
            properties.store(writer, "Made by 'kv cluster start'. The addresses cannot be changed afterwards.");
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** What lies in the directory although no cluster was made here; empty if it is free for a new one. */
    List<Path> foreignContent() throws IOException {
        if (!Files.exists(root)) {
            return List.of();
        }
        try (Stream<Path> content = Files.list(root)) {
            return content.filter(path -> !path.getFileName().toString().equals(LOCK))
                    .toList();
        }
    }

    private void requireNothingForeign() throws IOException {
        List<Path> foreign = settingsIfPresent() == null ? foreignContent() : List.of();
        if (!foreign.isEmpty()) {
            throw CliException.definite(root + " holds no Quorate cluster but other files ("
                    + foreign.get(0).getFileName() + (foreign.size() > 1 ? ", …" : "")
                    + "); name an empty or a new directory with --dir");
        }
    }

    /**
     * Removes what a cluster of these nodes leaves here, and the directory itself if nothing else is in it. The shape goes
     * last, so that a removal that was interrupted can be repeated.
     */
    void delete(ClusterLayout layout) throws IOException {
        for (ClusterLayout.NodeAddress node : layout.nodes()) {
            deleteTree(root.resolve(node.name()));
        }
        deleteTree(root.resolve(TLS));
        Files.deleteIfExists(root.resolve(PROPERTIES + ".new"));
        Files.deleteIfExists(root.resolve(PROPERTIES));
        removeIfUnused();
    }

    /** Removes the directory if there is nothing in it but the lock. */
    void removeIfUnused() throws IOException {
        if (!foreignContent().isEmpty()) {
            return;
        }
        Files.deleteIfExists(root.resolve(LOCK));
        Files.deleteIfExists(root);
    }

    private static void deleteTree(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        List<Path> paths;
        try (Stream<Path> walk = Files.walk(tree)) {
            paths = new ArrayList<>(walk.toList());
        }
        for (int i = paths.size() - 1; i >= 0; i--) {
            Files.deleteIfExists(paths.get(i));
        }
    }

    /**
     * Two commands that start or stop the same cluster would trip over each other.
     *
     * @throws CliException (definite) if another one is at work, or if the directory is somebody else's: then nothing is put
     *     there
     */
    Lock lock() throws IOException {
        requireNothingForeign();
        boolean made = !Files.exists(root);
        Files.createDirectories(root);
        FileChannel channel = FileChannel.open(root.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return new Lock(channel, made);
            }
        } catch (OverlappingFileLockException e) {
            // The same, found inside this process.
        }
        channel.close();
        throw CliException.definite("another 'kv cluster' command is at work in " + root + "; wait for it to end");
    }

    /**
     * @param madeDirectory whether the directory was not there before
     */
    record Lock(FileChannel channel, boolean madeDirectory) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    private static List<String> words(String text) {
        return text.isBlank() ? List.of() : List.of(text.strip().split("\\s+", -1));
    }
}
