package dev.quorate.kv.server;

import java.util.ArrayDeque;
import java.util.Deque;

/** What a start has opened so far; closed in the reverse order if it fails. */
final class Opened {

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();

    <T extends AutoCloseable> T add(T part) {
        parts.push(part);
        return part;
    }

    /** {@code owner} closes {@code part} from now on. */
    <T extends AutoCloseable> T replace(AutoCloseable part, T owner) {
        parts.remove(part);
        return add(owner);
    }

    /** Others close these from now on. */
    void release(AutoCloseable... released) {
        for (AutoCloseable part : released) {
            parts.remove(part);
        }
    }

    void closeAfter(Throwable failure) {
        for (AutoCloseable part : parts) {
            try {
                part.close();
            } catch (Exception e) {
                failure.addSuppressed(e);
            }
        }
    }
}
