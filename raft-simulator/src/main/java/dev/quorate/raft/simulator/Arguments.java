package dev.quorate.raft.simulator;

import dev.quorate.raft.simulator.world.Nanos;
import java.util.Iterator;
import java.util.List;

/**
 * The options of the command.
 *
 * @param lastSeed inclusive
 * @param maxNanos how long to run, in real time
 */
record Arguments(
        long firstSeed, long lastSeed, long maxNanos, int nodes, int simulatedSeconds, int threads, boolean trace) {

    static final String USAGE = """
            Runs a Raft cluster under faults in simulated time, once for each seed, and checks it after every event.

            usage: simulate [options]
              --seeds FROM..TO         which seeds to run (default 1..1000)
              --seed N                 only this one
              --duration TIME          go on until then, as 30s, 10m or 2h; seeds start at FROM and have no end
              --nodes N                members of each cluster (default 5)
              --simulated-seconds N    how long the faults last (default 60)
              --threads N              how many seeds run at once (default: one for each processor)
              --trace                  print every event of the (first) seed

            usage: simulate mutations [--keep] [DIR]
              puts each mistake that DIR describes into a copy of the core, and runs seeds until one catches it;
              the default is the project's own collection, and its files say how one is written; --keep writes into them which
              seed it was, which mvn verify tries first


            exit code: 0 no violation, or all mutations caught; 1 a violation, a situation that was hardly ever seen, or a mutation
            that passed; 2 wrong usage
            example: ./simulate --seeds 1..2000
            """;

    static Arguments parse(String[] args) {
        long from = 1;
        long to = 1000;
        boolean hasSeeds = false;
        long maxNanos = Long.MAX_VALUE / 2;
        boolean hasDuration = false;
        int nodes = Simulation.DEFAULT_NODES;
        int seconds = Simulation.DEFAULT_SIMULATED_SECONDS;
        int threads = Runtime.getRuntime().availableProcessors();
        boolean trace = false;
        Iterator<String> rest = List.of(args).iterator();
        while (rest.hasNext()) {
            String option = rest.next();
            switch (option) {
                case "--seed" -> {
                    from = number(option, rest);
                    to = from;
                    hasSeeds = true;
                }
                case "--seeds" -> {
                    String range = value(option, rest);
                    int dots = range.indexOf("..");
                    if (dots < 0) {
                        throw new IllegalArgumentException("--seeds wants FROM..TO, not '" + range + "'");
                    }
                    from = number(option, range.substring(0, dots));
                    to = number(option, range.substring(dots + 2));
                    hasSeeds = true;
                }
                case "--duration" -> {
                    maxNanos = duration(value(option, rest));
                    hasDuration = true;
                }
                case "--nodes" -> nodes = Math.toIntExact(number(option, rest));
                case "--simulated-seconds" -> seconds = Math.toIntExact(number(option, rest));
                case "--threads" -> threads = Math.toIntExact(number(option, rest));
                case "--trace" -> trace = true;
                default -> throw new IllegalArgumentException("there is no option '" + option + "'");
            }
        }
        if (hasDuration && !hasSeeds) {
            to = Long.MAX_VALUE - 1;
        }
        if (to < from) {
            throw new IllegalArgumentException("--seeds " + from + ".." + to + " is an empty range");
        }
        if (threads < 1) {
            throw new IllegalArgumentException("--threads must be at least 1, not " + threads);
        }
        return new Arguments(from, to, maxNanos, nodes, seconds, threads, trace);
    }

    private static String value(String option, Iterator<String> rest) {
        if (!rest.hasNext()) {
            throw new IllegalArgumentException(option + " wants a value");
        }
        return rest.next();
    }

    private static long number(String option, Iterator<String> rest) {
        return number(option, value(option, rest));
    }

    private static long number(String option, String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(option + " wants a number, not '" + text + "'", e);
        }
    }

    private static long duration(String text) {
        long unit = text.endsWith("h") ? 3600 : text.endsWith("m") ? 60 : text.endsWith("s") ? 1 : 0;
        if (unit == 0) {
            throw new IllegalArgumentException("--duration wants a time such as 30s, 10m or 2h, not '" + text + "'");
        }
        return number("--duration", text.substring(0, text.length() - 1)) * unit * Nanos.PER_SECOND;
    }
}
