package dev.quorate.raft.simulator;

import dev.quorate.raft.runtime.StateMachine;
import dev.quorate.raft.simulator.invariant.InvariantViolation;
import dev.quorate.raft.simulator.observe.Coverage;
import dev.quorate.raft.simulator.world.LivenessPhase;
import dev.quorate.raft.simulator.world.Nanos;
import dev.quorate.raft.simulator.world.Trace;
import dev.quorate.raft.simulator.world.World;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Runs seeds: each is a cluster under faults for a while, then a phase in which it must recover.
 *
 * @param nodes how many members the cluster has
 * @param simulatedSeconds how long the faults last; the recovery comes on top
 */
public record Simulation(int nodes, int simulatedSeconds) {

    static final int DEFAULT_NODES = 5;
    static final int DEFAULT_SIMULATED_SECONDS = 60;
    private static final int MAX_NODES = 9;

    public Simulation {
        if (nodes < 1 || nodes > MAX_NODES) {
            throw new IllegalArgumentException("a simulated cluster has 1 to " + MAX_NODES + " nodes, not " + nodes);
        }
        if (simulatedSeconds < 1) {
            throw new IllegalArgumentException("simulate at least 1 second, not " + simulatedSeconds);
        }
    }

    /**
     * What one seed did.
     *
     * @param recoveryNanos how long the cluster took to recover, in simulated time
     * @param fingerprint equal for two runs of the same seed
     * @param violation what must never happen and did, null if all is well
     */
    public record Result(
            long seed,
            long events,
            long faults,
            long operationsBegun,
            long operationsDone,
            long committed,
            long recoveryNanos,
            long fingerprint,
            Coverage coverage,
            @Nullable Violation violation) {}

    /**
     * @param invariant the name of the invariant that was broken
     * @param atNanos when, in simulated time
     * @param what in one sentence
     */
    public record Violation(String invariant, long atNanos, String what, RuntimeException cause) {
        @Override
        public String toString() {
            return "VIOLATION of " + invariant + ": " + what;
        }
    }

    /**
     * Puts a state machine that lives in memory under simulation: after a crash a new one is made, and begins with the newest
     * snapshot.
     *
     * @param factory makes an empty one; it must not share anything with the others
     * @param commands makes a command, out of the randomness it is given and nothing else
     */
    public static <M extends StateMachine<?>> StateMachineSimulation<M> of(
            Supplier<M> factory, Function<RandomGenerator, byte[]> commands) {
        return new StateMachineSimulation<>(directory -> factory.get(), commands);
    }

    /**
     * Puts a state machine that keeps files under simulation: after a crash a new one is made over the files as they were
     * at that moment, as after {@code kill -9}.
     *
     * @param factory makes one over the files in a directory, which is empty at first
     * @param commands makes a command, out of the randomness it is given and nothing else
     */
    public static <M extends StateMachine<?>> StateMachineSimulation<M> ofDurable(
            Function<Path, M> factory, Function<RandomGenerator, byte[]> commands) {
        return new StateMachineSimulation<>(factory, commands);
    }

    /** Runs one seed to its end, or to the first violation. Never throws for what a core does. */
    public Result run(long seed, Trace trace) {
        return run(new World(seed, nodes, trace), seed, trace);
    }

    Result run(World world, long seed, Trace trace) {
        Violation violation = null;
        long recoveryNanos = 0;
        try {
            world.start();
            world.runUntil(simulatedSeconds * Nanos.PER_SECOND);
            recoveryNanos = new LivenessPhase(world).run();
        } catch (InvariantViolation e) {
            violation = new Violation(e.invariant(), world.now(), String.valueOf(e.getMessage()), e);
        } catch (RuntimeException e) {
            violation = new Violation("NoVerbThrows", world.now(), "an exception came out: " + e, e);
        } finally {
            world.close();
        }
        if (violation != null) {
            trace.line(world.now(), "all", violation.toString());
        }
        return new Result(
                seed,
                world.events(),
                world.faultsSoFar(),
                world.operationsBegun(),
                world.operationsDone(),
                world.observer().cluster().committed().lastIndex(),
                recoveryNanos,
                world.fingerprint(),
                world.coverage(),
                violation);
    }

    /** The command that does the same again and shows every event. */
    public String replayCommand(long seed) {
        return "./simulate --seed " + seed
                + (nodes == DEFAULT_NODES ? "" : " --nodes " + nodes)
                + (simulatedSeconds == DEFAULT_SIMULATED_SECONDS ? "" : " --simulated-seconds " + simulatedSeconds)
                + " --trace";
    }

    /**
     * Runs a seed a second time and compares (I19): what depends on a wall clock, a thread or the order of a hash table
     * cannot be replayed.
     *
     * @return the first result, or one with a violation of determinism
     */
    public Result verifyDeterminism(Result first) {
        Result second = run(first.seed(), Trace.OFF);
        if (first.fingerprint() == second.fingerprint()) {
            return first;
        }
        InvariantViolation broken = new InvariantViolation(
                "Determinism",
                "two runs of this seed differ: " + first.events() + " and " + second.events() + " events");
        return new Result(
                first.seed(),
                first.events(),
                first.faults(),
                first.operationsBegun(),
                first.operationsDone(),
                first.committed(),
                first.recoveryNanos(),
                first.fingerprint(),
                first.coverage(),
                new Violation(broken.invariant(), 0, String.valueOf(broken.getMessage()), broken));
    }
}
