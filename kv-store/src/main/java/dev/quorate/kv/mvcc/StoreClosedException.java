package dev.quorate.kv.mvcc;

/** The store was closed before the call could begin, or, for what reads everything, before it could end. */
public final class StoreClosedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public StoreClosedException() {
        super("the store is closed", null, false, false);
    }
}
