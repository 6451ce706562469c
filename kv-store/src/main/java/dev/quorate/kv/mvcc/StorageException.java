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
        super(message + ": " + reason(cause), cause);
    }

    /** RocksDB has only the operating system's words for a full disk. */
    private static String reason(Throwable cause) {
        String words = String.valueOf(cause.getMessage());
        return words.contains("No space left")
                ? "the disk is full (" + words + "); free some space, then start again"
                : words;
    }
}
