package dev.quorate.raft.simulator.mutation;

import dev.quorate.raft.simulator.Simulation;
import dev.quorate.raft.simulator.Simulation.Violation;
import dev.quorate.raft.simulator.world.Trace;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** Runs a seed; its type is the JDK's, so that it can be called from outside of the loader that made it. */
public final class SeedRunner implements LongFunction<@Nullable String> {

    private final Simulation simulation = new Simulation(5, 60);

    @Override
    public @Nullable String apply(long seed) {
        Violation violation = simulation.run(seed, Trace.OFF).violation();
        return violation == null ? null : violation.toString();
    }
}
