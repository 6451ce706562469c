package dev.quorate.kv.watch;

/** A watch from within the server has ended, and not because whoever watched wished it. */
public final class WatchEndedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final long compactRevision;

    WatchEndedException(String message, long compactRevision) {
        super(message);
        this.compactRevision = compactRevision;
    }

    /** Where a watch can begin at the earliest; 0 if it did not end because of a compaction. */
    public long compactRevision() {
        return compactRevision;
    }
}
