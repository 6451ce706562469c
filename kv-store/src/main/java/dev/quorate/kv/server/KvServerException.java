package dev.quorate.kv.server;

import org.jspecify.annotations.Nullable;

/** A server cannot start. The message is one line for people, and says what to do. */
public final class KvServerException extends Exception {

    private static final long serialVersionUID = 1L;

    /** What kept the server from starting. */
    public enum Reason {
        /** Somebody listens at one of the addresses already. */
        ADDRESS_IN_USE,
        /** An address is not one of this machine, or not known. */
        ADDRESS_UNUSABLE,
        /** Another server runs on the data directory. */
        DIRECTORY_IN_USE,
        /** The data directory has files that are not a server's. */
        DIRECTORY_FOREIGN,
        /** The data is another member's or another cluster's. */
        IDENTITY_MISMATCH,
        /** A certificate, key or file of roots cannot be used. */
        TLS_UNUSABLE,
        /** A key that tokens are signed or verified with cannot be used. */
        TOKENS_UNUSABLE,
        /** There is no room for data. */
        DISK_FULL,
        /** The data cannot be read or written, or does not fit together. */
        DATA_UNUSABLE
    }

    private final Reason reason;

    KvServerException(Reason reason, String message) {
        this(reason, message, null);
    }

    KvServerException(Reason reason, String message, @Nullable Throwable cause) {
        super(message.lines().findFirst().orElse(""), cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
