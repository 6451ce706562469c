package dev.quorate.raft.simulator;

/** Something happened under simulation that must not. The message names the invariant and ends with the line that replays it. */
public final class SimulationFailure extends AssertionError {

    private static final long serialVersionUID = 1L;

    private final String message;

    SimulationFailure(String message, Throwable cause) {
        super(message, cause);
        this.message = message;
    }

    @Override
    public String getMessage() {
        return message;
    }
}
