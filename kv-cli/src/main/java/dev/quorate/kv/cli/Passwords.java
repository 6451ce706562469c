package dev.quorate.kv.cli;

import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** A password comes from a person, without an echo, or from standard input: never from the command line, which others can see. */
final class Passwords {

    private Passwords() {}

    /** @throws CliException (usage) if there is none */
    @SuppressWarnings(
            "SystemConsoleNull") // from JDK 22 on it may be there without a person, and reads standard input then
    static String ask(String what) {
        Console console = System.console();
        if (console != null) {
            char[] typed = console.readPassword("%s: ", what);
            if (typed != null) {
                return new String(typed);
            }
        }
        try {
            String line = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
            if (line != null) {
                return line;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw CliException.usage(what + " is missing: type it, or give it on standard input");
    }
}
