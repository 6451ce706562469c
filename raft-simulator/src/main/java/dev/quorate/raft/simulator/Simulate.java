package dev.quorate.raft.simulator;

import dev.quorate.raft.simulator.Simulation.Result;
import dev.quorate.raft.simulator.Simulation.Violation;
import dev.quorate.raft.simulator.observe.Coverage.Situation;
import dev.quorate.raft.simulator.world.Nanos;
import dev.quorate.raft.simulator.world.Trace;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Locale;

/** The command: runs seeds, reports, and shows how to replay what went wrong. */
public final class Simulate {

    static final int EXIT_OK = 0;
    static final int EXIT_VIOLATION = 1;
    static final int EXIT_USAGE = 2;

    private static final long NANOS_BETWEEN_REPORTS = 5 * Nanos.PER_SECOND;
    private static final int LAST_EVENTS_SHOWN = 60;

    private final Arguments arguments;
    private final Simulation simulation;
    private final PrintStream out;
    private long reportedNanos = System.nanoTime();

    private Simulate(Arguments arguments, PrintStream out) {
        this.arguments = arguments;
        this.simulation = new Simulation(arguments.nodes(), arguments.simulatedSeconds());
        this.out = out;
    }

    /** Runs the command line; exits with 0 if all is well, 1 after a violation, 2 if the arguments make no sense. */
    public static void main(String[] args) throws InterruptedException {
        System.exit(run(args, new PrintStream(System.out, true, StandardCharsets.UTF_8)));
    }

    static int run(String[] args, PrintStream out) throws InterruptedException {
        if (List.of(args).contains("--help")) {
            out.print(Arguments.USAGE);
            return EXIT_OK;
        }
        if (args.length > 0 && args[0].equals(SimulateMutations.COMMAND)) {
            return SimulateMutations.run(List.of(args).subList(1, args.length), out);
        }
        Simulate command;
        try {
            command = new Simulate(Arguments.parse(args), out);
        } catch (IllegalArgumentException e) {
            out.println("simulate: " + e.getMessage());
            out.println("Try 'simulate --help'.");
            return EXIT_USAGE;
        }
        return command.arguments.trace() ? command.traceOne() : command.runMany();
    }

    private int traceOne() {
        Result result = simulation.run(arguments.firstSeed(), Trace.to(out::println));
        if (result.violation() == null) {
            out.printf(Locale.ROOT, "seed %d: %,d events, no violation%n", result.seed(), result.events());
            return EXIT_OK;
        }
        showViolation(result, result.violation());
        return EXIT_VIOLATION;
    }

    private int runMany() throws InterruptedException {
        Campaign campaign = new Campaign(simulation, arguments.firstSeed(), arguments.lastSeed(), arguments.maxNanos());
        Result failed = campaign.run(arguments.threads(), this::reportNowAndThen);
        report(campaign);
        showCoverage(campaign);
        if (failed != null && failed.violation() != null) {
            showLastEvents(failed.seed());
            showViolation(failed, failed.violation());
            return EXIT_VIOLATION;
        }
        List<Situation> tooRare = campaign.tooRare();
        if (!tooRare.isEmpty()) {
            out.println("These seeds never, or hardly ever, got the cluster into: " + tooRare
                    + ". A run that large must see each of them, or it proves too little.");
            return EXIT_VIOLATION;
        }
        return EXIT_OK;
    }

    private void reportNowAndThen(Campaign campaign) {
        if (System.nanoTime() - reportedNanos >= NANOS_BETWEEN_REPORTS) {
            reportedNanos = System.nanoTime();
            report(campaign);
        }
    }

    private void report(Campaign campaign) {
        out.printf(
                Locale.ROOT,
                "%,d seeds, %,.0f seeds/hour, %,d events, %,d operations, %,d committed, %,d faults,"
                        + " slowest recovery %.1f s%n",
                campaign.seeds(),
                campaign.seedsPerHour(),
                campaign.events(),
                campaign.operations(),
                campaign.committed(),
                campaign.faults(),
                (double) campaign.longestRecoveryNanos() / Nanos.PER_SECOND);
    }

    private void showCoverage(Campaign campaign) {
        out.println("coverage: situation, times seen, share of the seeds that saw it");
        for (Situation situation : Situation.values()) {
            out.printf(
                    Locale.ROOT,
                    "  %-42s %,12d %6.1f %%%n",
                    situation,
                    campaign.coverage().count(situation),
                    100.0 * campaign.coverage().seeds(situation) / Math.max(1, campaign.seeds()));
        }
    }

    /** The failed run once more, now with its trace: the same seed does the same things. */
    private void showLastEvents(long seed) {
        ArrayDeque<String> last = new ArrayDeque<>();
        simulation.run(seed, Trace.to(line -> {
            last.add(line);
            if (last.size() > LAST_EVENTS_SHOWN) {
                last.remove();
            }
        }));
        last.forEach(out::println);
    }

    private void showViolation(Result result, Violation violation) {
        out.println();
        out.printf(
                Locale.ROOT,
                "VIOLATION of %s in seed %d after %.6f simulated seconds:%n  %s%n",
                violation.invariant(),
                result.seed(),
                (double) violation.atNanos() / Nanos.PER_SECOND,
                violation.what());
        if (violation.cause().getCause() != null || violation.invariant().equals("NoVerbThrows")) {
            violation.cause().printStackTrace(out);
        }
        out.println("replay it: " + simulation.replayCommand(result.seed()));
    }
}
