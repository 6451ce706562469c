package dev.quorate.raft.simulator.world;

import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What happened, one line for each event, for people. Off in ordinary runs: making text costs more than simulating. */
public final class Trace {

    public static final Trace OFF = new Trace(null);

    private final @Nullable Consumer<String> lines;

    private Trace(@Nullable Consumer<String> lines) {
        this.lines = lines;
    }

    public static Trace to(Consumer<String> lines) {
        return new Trace(lines);
    }

    /** Ask before making text. */
    public boolean isOn() {
        return lines != null;
    }

    public void line(long nowNanos, Object who, String what) {
        if (lines != null) {
            lines.accept(String.format(Locale.ROOT, "%13.6f %-4s %s", (double) nowNanos / Nanos.PER_SECOND, who, what));
        }
    }
}
