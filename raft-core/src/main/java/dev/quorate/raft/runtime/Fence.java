package dev.quorate.raft.runtime;

/** How any part of a node stops all of it, for good, when going on could break a promise. */
@FunctionalInterface
interface Fence {

    /**
     * Never blocks; the first call counts.
     *
     * @param what what failed, as the start of a sentence for the operator
     */
    void stopNode(String what, Throwable cause);
}
