package dev.quorate.kv.mvcc;

/**
 * The disk, RocksDB or what is stored there failed. The state in memory may be ahead of what is stored: on the apply thread
 * this stops the node.
 */
public final class StorageException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public StorageException(String message) {
        super(message);
    }

    public StorageException(String message, Throwable cause) {
        super(message + ": " + cause.getMessage(), cause);
    }
}
