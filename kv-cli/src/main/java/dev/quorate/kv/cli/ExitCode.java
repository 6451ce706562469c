package dev.quorate.kv.cli;

import dev.quorate.kv.cli.client.CallFailedException;
import dev.quorate.kv.cli.client.Outcome;

/** What the process tells its caller. A script that retries needs to know {@link #DEFINITE} from {@link #INDEFINITE}. */
public enum ExitCode {
    OK(0, "done"),
    NOT_FOUND(1, "the key does not exist (get of one key)"),
    USAGE(2, "the command line is wrong; nothing was done"),
    DEFINITE(3, "it failed, and nothing was changed"),
    INDEFINITE(4, "the outcome is unknown: it may have been applied, or may be yet"),
    INTERNAL(5, "a server stopped itself, or a fault in kv itself");

    private final int code;
    private final String meaning;

    ExitCode(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    public int code() {
        return code;
    }

    /** One line for {@code kv --help}. */
    public String meaning() {
        return meaning;
    }

    /** The one place where a failure becomes an exit code. */
    static ExitCode of(Throwable failure) {
        if (failure instanceof CliException cli) {
            return cli.exitCode();
        }
        if (failure instanceof CallFailedException call) {
            return call.outcome() == Outcome.DEFINITE ? DEFINITE : INDEFINITE;
        }
        return INTERNAL;
    }
}
