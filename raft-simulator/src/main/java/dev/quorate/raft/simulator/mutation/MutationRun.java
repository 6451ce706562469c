package dev.quorate.raft.simulator.mutation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Runs seeds against one mutation after the other until one catches it. Any thread; runs share nothing. */
public final class MutationRun {

    /** Not those of other runs, so that nothing is caught by seeds that were chosen with it in mind. */
    public static final long FIRST_SEED = 1_000_001;

    private final CoreSources sources;

    public MutationRun(CoreSources sources) {
        this.sources = sources;
    }

    /**
     * What became of one mutation.
     *
     * @param seeds how many were run
     * @param violation what the last of them found, null if none found anything
     */
    public record Verdict(
            Mutation mutation, int seeds, @Nullable String violation) {

        public boolean isCaught() {
            return violation != null;
        }

        @Override
        public String toString() {
            return violation == null
                    ? mutation.name() + " is NOT caught by " + seeds + " seeds: " + mutation.what()
                    : mutation.name() + " is caught by seed number " + seeds + ": " + violation;
        }
    }

    /**
     * All mutations of a directory, in the order of their names.
     *
     * @throws IOException if it cannot be read, or a file in it is no mutation
     */
    public static List<Mutation> readAll(Path directory) throws IOException {
        List<Mutation> mutations = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".txt"))
                    .sorted()
                    .toList()) {
                mutations.add(Mutation.read(file));
            }
        }
        return mutations;
    }

    /**
     * Runs seeds up to the mutation's limit.
     *
     * @throws IllegalStateException if the mutation does not fit the core any more, or does not compile
     */
    public Verdict run(Mutation mutation) {
        LongFunction<@Nullable String> runner = new MutantLoader(sources.compile(mutation)).seedRunner();
        for (int seeds = 1; seeds <= mutation.maxSeeds(); seeds++) {
            String violation = runner.apply(FIRST_SEED + seeds - 1);
            if (violation != null) {
                return new Verdict(mutation, seeds, violation);
            }
        }
        return new Verdict(mutation, mutation.maxSeeds(), null);
    }

    /** In one line: how many were caught, and the median and worst number of seeds that it took. */
    public static String summary(List<Verdict> verdicts) {
        List<Integer> taken = verdicts.stream()
                .filter(Verdict::isCaught)
                .map(Verdict::seeds)
                .sorted()
                .toList();
        String caught = String.format(Locale.ROOT, "%d of %d mutations caught", taken.size(), verdicts.size());
        return taken.isEmpty()
                ? caught
                : caught + "; seeds until then: median " + taken.get(taken.size() / 2) + ", worst "
                        + taken.get(taken.size() - 1);
    }
}
