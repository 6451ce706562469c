package dev.quorate.raft.simulator.machine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The directories of one run, below one temporary directory that is made when it is needed and goes with the run. */
final class Directories implements AutoCloseable {

    private @Nullable Path root;
    private long made;

    /** A name that nothing has yet. */
    Path next() {
        Path below = root;
        if (below == null) {
            try {
                below = Files.createTempDirectory("quorate-simulation-");
            } catch (IOException e) {
                throw new UncheckedIOException("no directory for a simulated disk could be made", e);
            }
            root = below;
        }
        return below.resolve(Long.toString(made++));
    }

    @Override
    public void close() {
        if (root != null) {
            FileTrees.delete(root);
        }
    }
}
