package dev.quorate.kv.cli.server;

import java.util.logging.LogManager;

/**
 * How a server logs: one line each, to standard error. The JDK's own manager takes the handlers away in a shutdown hook, beside
 * the one in which the server stops, so that what a server says while it stops would be lost; this one leaves them.
 */
public final class ServerLog extends LogManager {

    /** Time, level, who, what, on one line; a stack trace where there is one. */
    private static final String LINE = "%1$tFT%1$tT.%1$tL%1$tz %4$s %3$s: %5$s%6$s%n";

    private static volatile boolean isSetUp;

    /** To be called before anything logs. The manager itself is named on the JVM's command line: classes look it up early. */
    public static void setUp() {
        System.setProperty("java.util.logging.SimpleFormatter.format", LINE);
        LogManager.getLogManager();
        isSetUp = true;
    }

    @Override
    public void reset() {
        if (!isSetUp) {
            super.reset();
        }
    }
}
