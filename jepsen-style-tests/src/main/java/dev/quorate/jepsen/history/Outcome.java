package dev.quorate.jepsen.history;

/** What a client may conclude about its request. */
public enum Outcome {
    /** It was answered: it took effect between its invocation and its completion. */
    OK,
    /** It took no effect, and never will. */
    FAIL,
    /** It may have taken effect, may do so at any later time, or never. */
    UNKNOWN
}
