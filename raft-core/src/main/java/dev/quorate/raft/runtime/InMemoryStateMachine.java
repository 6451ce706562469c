package dev.quorate.raft.runtime;

import dev.quorate.raft.model.Entry;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A state machine whose state is small enough to live in memory and to be written to one file at each snapshot. After a
 * restart it begins empty, gets the newest snapshot, and then the log's entries after it.
 *
 * @param <R> what applying a command answers
 */
public abstract class InMemoryStateMachine<R> implements StateMachine<R> {

    private static final String STATE_FILE = "state";

    /** An empty state; what it was comes from the snapshot and the log. */
    protected InMemoryStateMachine() {}

    /**
     * Applies one command. A function of the state and the command alone.
     *
     * @throws RuntimeException stops the node
     */
    protected abstract R apply(byte[] command);

    /** Writes the whole state. */
    protected abstract void save(OutputStream out) throws IOException;

    /** Replaces the whole state by what {@link #save} wrote. */
    protected abstract void load(InputStream in) throws IOException;

    @Override
    public final long appliedIndex() {
        return 0;
    }

    @Override
    @SuppressWarnings("NullAway") // null stands for "no command", which nobody waits for
    public final List<R> apply(List<Entry> entries) {
        List<@Nullable R> results = new ArrayList<>(entries.size());
        for (Entry entry : entries) {
            results.add(entry.type() == Entry.Type.COMMAND ? apply(entry.payload()) : null);
        }
        return results;
    }

    @Override
    public final void snapshot(Path directory) throws IOException {
        Path file = directory.resolve(STATE_FILE);
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            save(out);
        }
        DurableFiles.sync(file);
    }

    @Override
    public final void restore(Path directory, long appliedIndex) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(directory.resolve(STATE_FILE)))) {
            load(in);
        }
    }

    @Override
    public void close() {}
}
