package dev.quorate.jepsen;

import dev.quorate.jepsen.run.ChaosRun;
import dev.quorate.jepsen.run.RunReport;
import java.io.PrintWriter;
import java.util.Locale;

/** What a person who runs chaos sees. Any thread. */
final class Console {

    private final PrintWriter out;
    private final long startNanos = System.nanoTime();

    Console(PrintWriter out) {
        this.out = out;
    }

    /** A line with the time since the start. */
    synchronized void progress(String line) {
        out.printf(Locale.ROOT, "%7.1f s  %s%n", (System.nanoTime() - startNanos) / 1e9, line);
        out.flush();
    }

    /** Shows the report; returns the exit code. */
    synchronized int report(ChaosRun.Options options, RunReport report) {
        out.print(report.describe());
        out.println("history: " + options.directory().resolve(ChaosRun.HISTORY_FILE));
        out.println("judge it again: ./chaos check " + options.directory().resolve(ChaosRun.HISTORY_FILE));
        out.flush();
        return report.isGood() ? Chaos.EXIT_GOOD : Chaos.EXIT_BAD;
    }
}
