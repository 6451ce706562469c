package dev.quorate.kv.mvcc;

/** A request is answered with an error and has changed nothing. It is an answer, so it has no stack trace. */
public final class KvException extends Exception {

    private static final long serialVersionUID = 1L;

    private final KvError error;

    public KvException(KvError error) {
        super(error.text(), null, false, false);
        this.error = error;
    }

    public KvError error() {
        return error;
    }
}
