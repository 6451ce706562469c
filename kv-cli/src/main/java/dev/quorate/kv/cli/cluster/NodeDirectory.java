package dev.quorate.kv.cli.cluster;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One node's part of a cluster's directory. */
record NodeDirectory(Path root) {

    /** The end of a log that is read to find why a server stopped. */
    private static final int LOG_TAIL_BYTES = 16 * 1024;

    private static final String ERROR_PREFIX = "kv server: ";

    Path data() {
        return root.resolve("data");
    }

    Path log() {
        return root.resolve("server.log");
    }

    Path pidFile() {
        return root.resolve("server.pid");
    }

    /** The process of this node if it runs, null if not. */
    @Nullable
    NodeProcess process() {
        try {
            return NodeProcess.read(pidFile());
        } catch (IOException e) {
            return null;
        }
    }

    long logSize() throws IOException {
        return Files.exists(log()) ? Files.size(log()) : 0;
    }

    /** The line that says why the server stopped: its own last complaint, else the last line that it wrote at all. */
    String lastWords(long fromOffset) {
        List<String> lines;
        try (RandomAccessFile file = new RandomAccessFile(log().toFile(), "r")) {
            file.seek(Math.max(fromOffset, file.length() - LOG_TAIL_BYTES));
            byte[] tail = new byte[LOG_TAIL_BYTES];
            int read = Math.max(0, file.read(tail));
            lines = new String(tail, 0, read, StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank())
                    .toList();
        } catch (IOException e) {
            return "its log " + log() + " cannot be read";
        }
        for (int i = lines.size() - 1; i >= 0; i--) {
            if (lines.get(i).startsWith(ERROR_PREFIX)) {
                return lines.get(i).substring(ERROR_PREFIX.length());
            }
        }
        return lines.isEmpty() ? "it said nothing; see " + log() : lines.get(lines.size() - 1) + " (see " + log() + ")";
    }
}
