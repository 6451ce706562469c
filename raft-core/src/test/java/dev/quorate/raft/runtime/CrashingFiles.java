package dev.quorate.raft.runtime;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Files of the real file system, up to a crash: before the given change nothing is wrong, that change and all that come after
 * it fail. {@link #losePower} then takes back what was not synced: bytes that no sync of their file followed, and names that
 * no sync of their directory followed. It is as cruel as POSIX allows.
 */
final class CrashingFiles extends FileSystemProvider {

    /** What the code under test gets to see. */
    static final class Crash extends IOException {
        private static final long serialVersionUID = 1L;

        Crash() {
            super("the process is dead");
        }
    }

    /**
     * @param directory whose sync makes it last
     * @param now where the file or directory is
     * @param before where it was; null if it was not there
     */
    private record NameChange(
            Path directory, Path now, @Nullable Path before) {

        void undo() throws IOException {
            if (before == null) {
                DurableFiles.deleteTree(now);
            } else {
                Files.move(now, before);
            }
        }

        NameChange rebased(Path from, Path to) {
            return new NameChange(
                    rebase(directory, from, to),
                    rebase(now, from, to),
                    before == null ? null : rebase(before, from, to));
        }
    }

    private static Path rebase(Path path, Path from, Path to) {
        return path.startsWith(from) ? to.resolve(from.relativize(path)) : path;
    }

    private final FileSystemProvider real;
    private final CrashingFileSystem fileSystem;
    private final Path trash;
    private final ArrayDeque<NameChange> unsyncedNames = new ArrayDeque<>();
    /** By the file system's own name of a file, because a file may have several: how many of its bytes are safe. */
    private final Map<Object, Unsynced> unsyncedBytes = new HashMap<>();

    private final long crashAt;
    private long changes;

    private record Unsynced(Path path, long safeBytes) {}

    /** @param trash where deleted files wait for their return; on the same file system */
    CrashingFiles(Path trash, long crashAt) {
        this.real = trash.getFileSystem().provider();
        this.fileSystem = new CrashingFileSystem(this, trash.getFileSystem());
        this.trash = trash;
        this.crashAt = crashAt;
    }

    Path wrap(Path path) {
        return new CrashingPath(fileSystem, path);
    }

    boolean hasCrashed() {
        return changes >= crashAt;
    }

    private static Path real(Path path) {
        return path instanceof CrashingPath wrapped ? wrapped.real() : path;
    }

    private void change() throws IOException {
        if (changes >= crashAt || ++changes >= crashAt) {
            throw new Crash();
        }
    }

    private void named(Path name, Path now, @Nullable Path before) {
        unsyncedNames.push(new NameChange(Objects.requireNonNull(name.getParent()), now, before));
    }

    private void created(Path name) {
        named(name, name, null);
    }

    /** What moved for good, moved with all that is below it. */
    private void syncNames(Path directory) {
        List<NameChange> lasting = unsyncedNames.stream()
                .filter(change -> change.directory().equals(directory))
                .toList();
        unsyncedNames.removeAll(lasting);
        for (NameChange change : lasting) {
            Path before = change.before();
            if (before != null) {
                List<NameChange> rest = unsyncedNames.stream()
                        .map(other -> other.rebased(before, change.now()))
                        .toList();
                unsyncedNames.clear();
                unsyncedNames.addAll(rest);
            }
        }
    }

    private static Object key(Path path) throws IOException {
        return Objects.requireNonNull(
                Files.readAttributes(path, BasicFileAttributes.class).fileKey());
    }

    /** What a machine finds when it has power again. */
    void losePower() throws IOException {
        for (Unsynced file : unsyncedBytes.values()) {
            // The name may be another one by now, or none: truncate through the file that was opened.
            if (Files.exists(file.path())) {
                try (FileChannel channel = FileChannel.open(file.path(), StandardOpenOption.WRITE)) {
                    channel.truncate(file.safeBytes());
                }
            }
        }
        while (!unsyncedNames.isEmpty()) {
            unsyncedNames.pop().undo();
        }
    }

    private void moved(Path from, Path to) {
        unsyncedBytes.replaceAll((key, file) -> new Unsynced(rebase(file.path(), from, to), file.safeBytes()));
    }

    @Override
    public FileChannel newFileChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        Path file = real(path);
        boolean isNew = !Files.exists(file);
        boolean writes = options.contains(StandardOpenOption.WRITE) || options.contains(StandardOpenOption.APPEND);
        if (writes) {
            change();
        } else if (hasCrashed()) {
            throw new Crash();
        }
        FileChannel channel = real.newFileChannel(file, options, attributes);
        if (writes && isNew) {
            created(file);
        }
        if (writes && options.contains(StandardOpenOption.TRUNCATE_EXISTING)) {
            unsyncedBytes.put(key(file), new Unsynced(file, 0));
        }
        return new Channel(channel, file);
    }

    @Override
    public SeekableByteChannel newByteChannel(
            Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
        return newFileChannel(path, options, attributes);
    }

    @Override
    public void createDirectory(Path path, FileAttribute<?>... attributes) throws IOException {
        Path directory = real(path);
        if (Files.exists(directory)) {
            real.createDirectory(directory, attributes); // fails as it should
        }
        change();
        real.createDirectory(directory, attributes);
        created(directory);
    }

    @Override
    public void createLink(Path link, Path existing) throws IOException {
        change();
        Path name = real(link);
        real.createLink(name, real(existing));
        created(name);
    }

    @Override
    public void delete(Path path) throws IOException {
        change();
        Path name = real(path);
        Path kept = trash.resolve(String.valueOf(changes));
        Files.move(name, kept);
        moved(name, kept);
        named(name, kept, name);
    }

    @Override
    public void move(Path source, Path target, CopyOption... options) throws IOException {
        change();
        Path from = real(source);
        Path to = real(target);
        real.move(from, to, options);
        moved(from, to);
        named(to, to, from);
    }

    @Override
    public void copy(Path source, Path target, CopyOption... options) throws IOException {
        change();
        Path to = real(target);
        real.copy(real(source), to, options);
        created(to);
    }

    /** Counts what changes a file, and knows what is safe. */
    private final class Channel extends FileChannel {
        private final FileChannel channel;
        private final Path path;

        Channel(FileChannel channel, Path path) {
            this.channel = channel;
            this.path = path;
        }

        @Override
        public int write(ByteBuffer bytes) throws IOException {
            change();
            unsyncedBytes.putIfAbsent(key(path), new Unsynced(path, channel.size()));
            return channel.write(bytes);
        }

        @Override
        public void force(boolean metadata) throws IOException {
            change();
            channel.force(metadata);
            if (Files.isDirectory(path)) {
                syncNames(path);
            } else {
                unsyncedBytes.remove(key(path));
            }
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            return channel.read(target);
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            return channel.read(target, position);
        }

        @Override
        public long position() throws IOException {
            return channel.position();
        }

        @Override
        public FileChannel position(long position) throws IOException {
            channel.position(position);
            return this;
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        protected void implCloseChannel() throws IOException {
            channel.close();
        }

        @Override
        public long read(ByteBuffer[] targets, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long write(ByteBuffer[] sources, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int write(ByteBuffer source, long position) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileChannel truncate(long size) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long transferTo(long position, long count, WritableByteChannel target) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long transferFrom(ReadableByteChannel source, long position, long count) {
            throw new UnsupportedOperationException();
        }

        @Override
        public MappedByteBuffer map(MapMode mode, long position, long size) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileLock lock(long position, long size, boolean shared) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) {
            throw new UnsupportedOperationException();
        }
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(Path directory, DirectoryStream.Filter<? super Path> filter)
            throws IOException {
        DirectoryStream<Path> names = real.newDirectoryStream(real(directory), name -> filter.accept(wrap(name)));
        return new DirectoryStream<>() {
            @Override
            public Iterator<Path> iterator() {
                Iterator<Path> each = names.iterator();
                return new Iterator<>() {
                    @Override
                    public boolean hasNext() {
                        return each.hasNext();
                    }

                    @Override
                    public Path next() {
                        return wrap(each.next());
                    }
                };
            }

            @Override
            public void close() throws IOException {
                names.close();
            }
        };
    }

    @Override
    public String getScheme() {
        return "crashing";
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
        return fileSystem;
    }

    @Override
    public Path getPath(URI uri) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isSameFile(Path one, Path other) throws IOException {
        return real.isSameFile(real(one), real(other));
    }

    @Override
    public boolean isHidden(Path path) throws IOException {
        return real.isHidden(real(path));
    }

    @Override
    public FileStore getFileStore(Path path) throws IOException {
        return real.getFileStore(real(path));
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
        real.checkAccess(real(path), modes);
    }

    @Override
    public <V extends FileAttributeView> @Nullable V getFileAttributeView(
            Path path, Class<V> type, LinkOption... options) {
        return real.getFileAttributeView(real(path), type, options);
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type, LinkOption... options)
            throws IOException {
        return real.readAttributes(real(path), type, options);
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options) throws IOException {
        return real.readAttributes(real(path), attributes, options);
    }

    @Override
    public void setAttribute(Path path, String attribute, Object value, LinkOption... options) throws IOException {
        change();
        real.setAttribute(real(path), attribute, value, options);
    }
}
