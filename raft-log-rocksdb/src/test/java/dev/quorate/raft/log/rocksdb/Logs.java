package dev.quorate.raft.log.rocksdb;

import dev.quorate.raft.Persist;
import dev.quorate.raft.WriteMark;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.HardState;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.Recovered;
import dev.quorate.raft.model.SnapshotMeta;
import dev.quorate.raft.runtime.DurableLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.function.Executable;

/** Short words for the tests. */
final class Logs {

    static final long GROUP = 7;
    static final Membership THREE = Membership.of(List.of(NodeId.of("n1"), NodeId.of("n2"), NodeId.of("n3")));
    static final Membership FOUR =
            Membership.of(List.of(NodeId.of("n1"), NodeId.of("n2"), NodeId.of("n3"), NodeId.of("n4")));

    private Logs() {}

    static DurableLog open(Path directory) throws IOException {
        return open(directory, RocksDbLogOptions.DEFAULTS);
    }

    static DurableLog open(Path directory, RocksDbLogOptions options) throws IOException {
        return RocksDbLogStore.openSingle(directory, GROUP, options);
    }

    static Entry command(long index, long term) {
        return command(index, term, index + "@" + term);
    }

    static Entry command(long index, long term, String text) {
        return Entry.command(index, term, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Commands at these indices, both inclusive. */
    static List<Entry> commands(long from, long to, long term) {
        return LongStream.rangeClosed(from, to).mapToObj(i -> command(i, term)).toList();
    }

    static SnapshotMeta meta(long index, long term) {
        return new SnapshotMeta(new EntryId(index, term), THREE);
    }

    static Persist append(List<Entry> entries) {
        return persist(null, entries, null, null);
    }

    static Persist vote(long term, @Nullable String candidate) {
        return persist(new HardState(term, candidate == null ? null : NodeId.of(candidate)), List.of(), null, null);
    }

    static Persist compact(SnapshotMeta through) {
        return persist(null, List.of(), null, through);
    }

    static Persist reset(SnapshotMeta to) {
        return persist(null, List.of(), to, null);
    }

    static Persist persist(
            @Nullable HardState hardState,
            List<Entry> entries,
            @Nullable SnapshotMeta resetTo,
            @Nullable SnapshotMeta compactThrough) {
        return new Persist(hardState, entries, resetTo, compactThrough, new WriteMark(1, 0), List.of());
    }

    static void write(DurableLog log, Persist... persists) throws IOException {
        log.write(List.of(persists));
    }

    static List<Entry> readAll(DurableLog log, long from, long to) throws IOException {
        List<Entry> all = new ArrayList<>();
        while (all.size() < to - from + 1) {
            all.addAll(log.read(from + all.size(), to, 1 << 20));
        }
        return all;
    }

    /** The action fails with this kind of exception, and its message says this. */
    static <T extends Throwable> T assertFails(Class<T> kind, String part, Executable action) {
        T thrown = Assertions.assertThrows(kind, action);
        String message = String.valueOf(thrown.getMessage());
        Assertions.assertTrue(message.contains(part), () -> "'" + message + "' should say '" + part + "'");
        return thrown;
    }

    /** Everything that a log holds after a start. */
    record Contents(
            HardState hardState, SnapshotMeta base, long lastIndex, List<Entry> entries, List<Entry> memberships) {

        static Contents of(DurableLog log) throws IOException {
            Recovered recovered = log.recover(THREE);
            long first = recovered.base().index() + 1;
            return new Contents(
                    recovered.hardState(),
                    recovered.base(),
                    recovered.lastIndex(),
                    recovered.lastIndex() < first ? List.of() : readAll(log, first, recovered.lastIndex()),
                    recovered.membershipEntries());
        }
    }

    /** Opens, reads everything, closes. */
    static Contents contents(Path directory, RocksDbLogOptions options) throws IOException {
        try (DurableLog log = open(directory, options)) {
            return Contents.of(log);
        }
    }

    /** What a crash leaves: the files as they are at one moment. */
    static Path copy(Path directory, Path to) throws IOException {
        for (int attempt = 0; attempt < 100; attempt++) {
            try {
                Map<Path, Long> before = sizes(directory);
                for (Path file : before.keySet()) {
                    Path target = to.resolve(directory.relativize(file).toString());
                    Files.createDirectories(target.getParent());
                    Files.copy(file, target);
                }
                if (before.equals(sizes(directory))) {
                    return to;
                }
            } catch (NoSuchFileException e) {
                // RocksDB deleted it meanwhile: this is not one moment.
            }
            removeAll(to);
        }
        throw new AssertionError(directory + " does not hold still");
    }

    private static Map<Path, Long> sizes(Path directory) throws IOException {
        Map<Path, Long> sizes = new TreeMap<>();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                sizes.put(file, Files.size(file));
            }
        } catch (UncheckedIOException e) {
            throw new NoSuchFileException(directory.toString(), null, e.getMessage());
        }
        return sizes;
    }

    static void removeAll(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    static void edit(Path file, UnaryOperator<byte[]> change) throws IOException {
        Files.write(file, change.apply(Files.readAllBytes(file)));
    }

    /** The write-ahead files, oldest first. */
    static List<Path> walFiles(Path directory) throws IOException {
        return files(directory, ".log");
    }

    static List<Path> files(Path directory, String suffix) throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("db"))) {
            return files.filter(file -> file.toString().endsWith(suffix))
                    .sorted()
                    .toList();
        }
    }
}
