package dev.quorate.kv.backup;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.function.LongConsumer;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * A backup in a file. Whoever opened one knows that it is a backup and has its whole length; only {@link #verify} and {@link
 * #extract} know that nothing in it has changed.
 *
 * @param path where it is
 * @param info what it says of itself
 * @param sha256 its checksum, in hexadecimal
 * @param archiveBytes its size without the checksum
 */
public record BackupFile(Path path, BackupInfo info, String sha256, long archiveBytes) {

    static final String STORE_PREFIX = "store/";

    private static final String STORE_FILE = "store/[A-Za-z0-9][A-Za-z0-9._-]{0,93}";
    private static final int MAX_INFO_BYTES = 4 << 10;
    private static final int BUFFER_BYTES = 256 << 10;
    private static final int BOLT_MAGIC_OFFSET = 16;
    private static final int BOLT_MAGIC = 0xED0CDAED;

    /** @throws IOException if the file cannot be read, is no backup, or is cut short */
    public static BackupFile open(Path path) throws IOException {
        long size = Files.size(path);
        long archiveBytes = size - Sha256.BYTES;
        requireNoBolt(path, size);
        if (archiveBytes <= 0 || archiveBytes % BackupArchive.TAR_RECORD_BYTES != 0) {
            throw new IOException(path + " has " + size + " bytes, which no whole backup has: it is cut short, or"
                    + " something else");
        }
        String sha256;
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
            byte[] trailer = new byte[Sha256.BYTES];
            file.seek(archiveBytes);
            file.readFully(trailer);
            sha256 = HexFormat.of().formatHex(trailer);
        }
        try (TarArchiveInputStream tar = new TarArchiveInputStream(
                new BufferedInputStream(new First(Files.newInputStream(path), archiveBytes)))) {
            return new BackupFile(path, info(tar), sha256, archiveBytes);
        } catch (IOException | IllegalArgumentException e) { // the library has both for what is no archive
            throw new IOException(path + " cannot be used: " + e.getMessage(), e);
        }
    }

    private static void requireNoBolt(Path path, long size) throws IOException {
        if (size < BOLT_MAGIC_OFFSET + Integer.BYTES) {
            return;
        }
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
            file.seek(BOLT_MAGIC_OFFSET);
            if (Integer.reverseBytes(file.readInt()) == BOLT_MAGIC) {
                throw new IOException(
                        path + " is a snapshot of etcd, which only etcd's tools read: start an etcd with it, and copy"
                                + " its keys");
            }
        }
    }

    private static BackupInfo info(TarArchiveInputStream tar) throws IOException {
        TarArchiveEntry entry = tar.getNextEntry();
        if (entry == null || !entry.getName().equals(BackupInfo.ENTRY_NAME) || entry.getSize() > MAX_INFO_BYTES) {
            throw new IOException("it is no backup of Quorate");
        }
        return BackupInfo.parse(new String(tar.readNBytes((int) entry.getSize()), StandardCharsets.UTF_8));
    }

    /**
     * Reads everything, and compares the checksum.
     *
     * @param progress told how many bytes of {@link #archiveBytes} were read
     * @throws IOException if something has changed, or cannot be read
     */
    public void verify(LongConsumer progress) throws IOException {
        MessageDigest digest = Sha256.begin();
        try (InputStream in = archive(digest)) {
            drain(in, progress);
        }
        requireUnchanged(digest);
    }

    /**
     * Writes the store's files into an empty directory, and compares the checksum. After a failure some may be there already: they
     * are worth nothing.
     *
     * @param progress told how many bytes of {@link #archiveBytes} were read
     * @throws IOException if something has changed, or cannot be read or written
     */
    public void extract(Path into, LongConsumer progress) throws IOException {
        MessageDigest digest = Sha256.begin();
        try (InputStream in = archive(digest);
                TarArchiveInputStream tar = new TarArchiveInputStream(new BufferedInputStream(in, BUFFER_BYTES))) {
            info(tar);
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                if (!entry.isFile() || !entry.getName().matches(STORE_FILE)) {
                    throw new IOException(
                            path + " cannot be used: it has the entry '" + entry.getName() + "', which no backup has");
                }
                Files.copy(tar, into.resolve(entry.getName().substring(STORE_PREFIX.length())));
                progress.accept(tar.getBytesRead());
            }
            drain(in, read -> {}); // the end of the archive, which counts for the checksum, too
            progress.accept(archiveBytes);
        } catch (IllegalArgumentException e) { // the library's word for some kinds of damage
            throw new IOException(path + " cannot be used: " + e.getMessage(), e);
        }
        requireUnchanged(digest);
    }

    private InputStream archive(MessageDigest digest) throws IOException {
        return new DigestInputStream(new First(Files.newInputStream(path), archiveBytes), digest);
    }

    private void drain(InputStream in, LongConsumer progress) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        long seen = 0;
        for (int read = in.read(buffer); read > 0; read = in.read(buffer)) {
            seen += read;
            progress.accept(seen);
        }
    }

    private void requireUnchanged(MessageDigest digest) throws IOException {
        String found = HexFormat.of().formatHex(digest.digest());
        if (!found.equals(sha256)) {
            throw new IOException(path + " is damaged: its SHA-256 is " + found + ", and was " + sha256
                    + " when it was made; use another backup");
        }
    }

    /** The first bytes of a file. */
    private static final class First extends FilterInputStream {
        private long left;

        First(InputStream in, long bytes) {
            super(in);
            this.left = bytes;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            if (left == 0) {
                return length == 0 ? 0 : -1;
            }
            int read = super.read(buffer, offset, (int) Math.min(length, left));
            left -= Math.max(0, read);
            return read;
        }

        @Override
        public long skip(long bytes) throws IOException {
            return 0; // whoever skips would skip what is to be checked
        }

        @Override
        public int available() {
            return 0;
        }

        @Override
        public boolean markSupported() {
            return false;
        }
    }
}
