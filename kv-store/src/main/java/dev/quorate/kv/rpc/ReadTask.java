package dev.quorate.kv.rpc;

/** A read of the store that is due. */
interface ReadTask {

    /** Whether it may take longer than a look at one key. */
    boolean isLong();

    /** Reads, and answers in any case; on a reader thread. */
    void run();

    /** Answers that the read cannot be served; on any thread, does not wait. */
    void fail(Throwable why);
}
