package dev.quorate.raft.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The state machine of the tests: writes down every command, and answers "number:command". */
final class Ledger extends InMemoryStateMachine<String> {

    /** Applying this stops the node. */
    static final String POISON = "poison";

    // Guarded by this: tests look at it from outside.
    private final List<String> commands = new ArrayList<>();
    private int restored;
    private boolean closed;
    private boolean savingFails;

    @Override
    protected synchronized String apply(byte[] command) {
        String text = new String(command, StandardCharsets.UTF_8);
        if (text.equals(POISON)) {
            throw new IllegalStateException("cannot apply " + text);
        }
        commands.add(text);
        return commands.size() + ":" + text;
    }

    @Override
    protected synchronized void save(OutputStream out) throws IOException {
        if (savingFails) {
            throw new IOException("no space left on device");
        }
        out.write(String.join("\n", commands).getBytes(StandardCharsets.UTF_8));
    }

    @Override
    protected synchronized void load(InputStream in) throws IOException {
        commands.clear();
        restored++;
        String all = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        if (!all.isEmpty()) {
            commands.addAll(List.of(all.split("\n", -1)));
        }
    }

    synchronized List<String> commands() {
        return List.copyOf(commands);
    }

    synchronized int size() {
        return commands.size();
    }

    /** How often a snapshot became its state. */
    synchronized int restored() {
        return restored;
    }

    synchronized void failToSave(boolean fails) {
        savingFails = fails;
    }

    @Override
    public synchronized void close() {
        closed = true;
    }

    synchronized boolean isClosed() {
        return closed;
    }
}
