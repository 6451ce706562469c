package dev.quorate.raft.simulator;

import dev.quorate.raft.runtime.StateMachine;
import dev.quorate.raft.simulator.Simulation.Result;
import dev.quorate.raft.simulator.Simulation.Violation;
import dev.quorate.raft.simulator.invariant.InvariantViolation;
import dev.quorate.raft.simulator.machine.MachineWorkload;
import dev.quorate.raft.simulator.observe.Coverage.Situation;
import dev.quorate.raft.simulator.world.Nanos;
import dev.quorate.raft.simulator.world.Trace;
import dev.quorate.raft.simulator.world.World;
import java.lang.StackWalker.StackFrame;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * An embedder's state machine under a simulated cluster: crashes, restarts, snapshots, replays, members that fall behind.
 * {@link Simulation#of} and {@link Simulation#ofDurable} make one.
 *
 * <p>In every seed each member's state machine is compared with a <em>witness</em>: one more of the same kind that never
 * crashes, never sees a snapshot, and applies every committed entry once, one by one. It is a violation if
 *
 * <ul>
 *   <li>a member answers a command otherwise than the witness ({@code equals}; arrays by their elements);
 *   <li>a member's state differs from the witness's after the same entry: after a batch, after a restart, after {@code restore};
 *   <li>any method throws, or {@code apply} does not give one answer for each entry;
 *   <li>a state machine starts with an {@code appliedIndex} of what was never applied;
 *   <li>an acknowledged command is lost, happens twice, or takes its place before one that was acknowledged earlier; or
 *       another of the simulator's invariants breaks.
 * </ul>
 *
 * <p>Immutable; a run uses the calling thread only, and is the same for the same seed if the state machine is deterministic.
 *
 * @param <M> the state machine
 */
public final class StateMachineSimulation<M extends StateMachine<?>> {

    private static final int DEFAULT_NODES = 3;
    private static final int DEFAULT_SIMULATED_SECONDS = 20;
    /** Runs this seed instead of those that a test names, and prints every event. */
    private static final String REPLAY_PROPERTY = "quorate.seed";

    private static final String OWN_CLASSES = StateMachineSimulation.class.getName() + "$";

    private final Function<Path, M> factory;
    private final Function<RandomGenerator, byte[]> commands;
    private final @Nullable Function<? super M, ?> view;
    private final Simulation simulation;

    StateMachineSimulation(Function<Path, M> factory, Function<RandomGenerator, byte[]> commands) {
        this(factory, commands, null, new Simulation(DEFAULT_NODES, DEFAULT_SIMULATED_SECONDS));
    }

    private StateMachineSimulation(
            Function<Path, M> factory,
            Function<RandomGenerator, byte[]> commands,
            @Nullable Function<? super M, ?> view,
            Simulation simulation) {
        this.factory = factory;
        this.commands = commands;
        this.view = view;
        this.simulation = simulation;
    }

    /**
     * States are equal if this is, after every batch; the default is to compare the bytes of snapshots, after every 16th
     * entry and at the end.
     *
     * @param newView what is to be compared: with {@code equals}, and not changing when the state machine goes on; a copy, a
     *     hash, a number
     */
    public StateMachineSimulation<M> comparing(Function<? super M, ?> newView) {
        return new StateMachineSimulation<>(factory, commands, newView, simulation);
    }

    /** How many members the cluster has, 1 to 9. Default 3. */
    public StateMachineSimulation<M> nodes(int count) {
        return new StateMachineSimulation<>(
                factory, commands, view, new Simulation(count, simulation.simulatedSeconds()));
    }

    /** How long the faults last in each seed; the recovery comes on top. Default 20. */
    public StateMachineSimulation<M> simulatedSeconds(int seconds) {
        return new StateMachineSimulation<>(factory, commands, view, new Simulation(simulation.nodes(), seconds));
    }

    /**
     * What a run of seeds did. A test may ask that it was not too little.
     *
     * @param entries that were committed
     * @param restarts of members after a crash
     * @param restored states that were made from a snapshot
     */
    public record Report(long seeds, long entries, long restarts, long restored) {
        private Report plus(Report other) {
            return new Report(
                    seeds + other.seeds, entries + other.entries, restarts + other.restarts, restored + other.restored);
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%,d seeds: %,d entries committed, %,d members restarted, %,d states restored from a snapshot",
                    seeds,
                    entries,
                    restarts,
                    restored);
        }
    }

    /**
     * Runs one seed.
     *
     * @throws SimulationFailure if something must not happen and did; its message ends with the line that replays it
     */
    public Report run(long seed) {
        return run(seed, seed);
    }

    /**
     * Runs seeds, one after the other, to the first that fails. With {@code -Dquorate.seed=N} runs that one only, and prints
     * every event.
     *
     * @param lastSeed inclusive
     * @throws SimulationFailure if something must not happen and did; its message ends with the line that replays it
     */
    public Report run(long firstSeed, long lastSeed) {
        Long replayed = Long.getLong(REPLAY_PROPERTY);
        if (replayed != null) {
            return runOne(replayed, Trace.to(System.out::println));
        }
        Report sum = new Report(0, 0, 0, 0);
        for (long seed = firstSeed; seed <= lastSeed; seed++) {
            sum = sum.plus(runOne(seed, Trace.OFF));
        }
        return sum;
    }

    private Report runOne(long seed, Trace trace) {
        AtomicReference<@Nullable MachineWorkload<M>> made = new AtomicReference<>();
        World world;
        try {
            world = new World(seed, simulation.nodes(), trace, (unused, initial) -> {
                MachineWorkload<M> workload = new MachineWorkload<>(factory, commands, view, initial);
                made.set(workload);
                return workload;
            });
        } catch (InvariantViolation e) {
            throw new SimulationFailure(e.invariant() + ": " + e.getMessage() + "\nreplay: " + replayLine(seed), e);
        }
        Result result = simulation.run(world, seed, trace);
        Violation violation = result.violation();
        if (violation != null) {
            throw new SimulationFailure(
                    String.format(
                            Locale.ROOT,
                            "%s in seed %d, after %.3f simulated seconds: %s%nreplay: %s",
                            violation.invariant(),
                            seed,
                            (double) violation.atNanos() / Nanos.PER_SECOND,
                            violation.what(),
                            replayLine(seed)),
                    violation.cause());
        }
        MachineWorkload<M> workload = made.get();
        return new Report(
                1,
                result.committed(),
                result.coverage().count(Situation.NODE_RESTARTED),
                workload == null ? 0 : workload.restored());
    }

    /** One line for a shell: the test that is running, with this seed. */
    private static String replayLine(long seed) {
        String test = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)
                .walk(frames -> frames.filter(frame -> !(frame.getClassName() + "$").startsWith(OWN_CLASSES))
                        .findFirst()
                        .map(StateMachineSimulation::name)
                        .orElse("YourTest"));
        return "mvn test -Dtest='" + test + "' -D" + REPLAY_PROPERTY + "=" + seed;
    }

    private static String name(StackFrame frame) {
        String method = frame.getMethodName();
        return frame.getDeclaringClass().getSimpleName() + (method.contains("$") ? "" : "#" + method);
    }
}
