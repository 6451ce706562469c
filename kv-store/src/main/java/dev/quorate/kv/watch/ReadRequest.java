package dev.quorate.kv.watch;

/** A watcher that needs changes out of the table. It goes to the reading thread and comes back with what was found. */
final class ReadRequest extends Interest {

    final Watcher watcher;
    final long next;
    /** Whether the table was read for it: not if its sink was not ready. */
    boolean isRead;

    ReadRequest(Watcher watcher) {
        super(watcher.range, watcher.filter);
        this.watcher = watcher;
        this.next = watcher.next;
    }
}
