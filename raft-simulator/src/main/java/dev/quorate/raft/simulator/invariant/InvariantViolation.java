package dev.quorate.raft.simulator.invariant;

/** Something that must never happen has happened. */
public final class InvariantViolation extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String invariant;

    public InvariantViolation(String invariant, String message) {
        super(message);
        this.invariant = invariant;
    }

    public InvariantViolation(String invariant, String message, Throwable cause) {
        super(message, cause);
        this.invariant = invariant;
    }

    /** The name of the sentence that was broken. */
    public String invariant() {
        return invariant;
    }
}
