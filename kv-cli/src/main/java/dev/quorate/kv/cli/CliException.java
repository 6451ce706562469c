package dev.quorate.kv.cli;

/** A failure that is told in one line: what, which value, and the way out. */
public final class CliException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final ExitCode exitCode;

    public CliException(ExitCode exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    /** It failed and nothing was changed. */
    public static CliException definite(String message) {
        return new CliException(ExitCode.DEFINITE, message);
    }

    /** The command line or a file that it names is wrong. */
    public static CliException usage(String message) {
        return new CliException(ExitCode.USAGE, message);
    }

    public ExitCode exitCode() {
        return exitCode;
    }
}
