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
    /** The core as it is: what catches a mutation must be the mutation. */
    private final SeedRunner unchanged = new SeedRunner();

    public MutationRun(CoreSources sources) {
        this.sources = sources;
    }

    /**
     * What became of one mutation.
     *
     * @param seeds which seed it was, or how many were run, counted from 1
     * @param isKept whether the seed was tried because it was known to catch the mutation
     * @param violation what the last of them found, null if none found anything
     */
    public record Verdict(
            Mutation mutation,
            int seeds,
            boolean isKept,
            @Nullable String violation) {

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
     * Runs seeds from the first on, up to the mutation's limit.
     *
     * @throws IllegalStateException if the mutation does not fit the core any more, or does not compile; or if the core as it is
     *     fails with the seed that catches the mutation
     */
    public Verdict run(Mutation mutation) {
        return search(mutation, load(mutation));
    }

    /** The same, with the seed that has caught the mutation before tried first: quick where nothing has changed. */
    public Verdict runKept(Mutation mutation) {
        LongFunction<@Nullable String> runner = load(mutation);
        if (mutation.kept() > 0) {
            String violation = runner.apply(seed(mutation.kept()));
            if (violation != null) {
                return caught(mutation, mutation.kept(), true, violation);
            }
        }
        return search(mutation, runner);
    }

    private LongFunction<@Nullable String> load(Mutation mutation) {
        return new MutantLoader(sources.compile(mutation)).seedRunner();
    }

    private Verdict search(Mutation mutation, LongFunction<@Nullable String> runner) {
        for (int seeds = 1; seeds <= mutation.maxSeeds(); seeds++) {
            String violation = runner.apply(seed(seeds));
            if (violation != null) {
                return caught(mutation, seeds, false, violation);
            }
        }
        return new Verdict(mutation, mutation.maxSeeds(), false, null);
    }

    private Verdict caught(Mutation mutation, int seeds, boolean isKept, String violation) {
        String ofTheCore = unchanged.apply(seed(seeds));
        if (ofTheCore != null) {
            throw new IllegalStateException("the core itself fails with seed " + seed(seeds)
                    + ", which seemed to catch " + mutation.name() + ": " + ofTheCore);
        }
        return new Verdict(mutation, seeds, isKept, violation);
    }

    private static long seed(int number) {
        return FIRST_SEED + number - 1;
    }

    /** Writes into the files of a directory which seeds have caught its mutations. */
    public static void keep(Path directory, List<Verdict> verdicts) throws IOException {
        for (Verdict verdict : verdicts) {
            if (verdict.isCaught()) {
                verdict.mutation().keep(directory, verdict.seeds());
            }
        }
    }

    /** In one line: how many were caught, and the median and worst number of seeds that it took. */
    public static String summary(List<Verdict> verdicts) {
        List<Integer> taken = verdicts.stream()
                .filter(Verdict::isCaught)
                .map(Verdict::seeds)
                .sorted()
                .toList();
        String caught = String.format(Locale.ROOT, "%d of %d mutations caught", taken.size(), verdicts.size());
        long kept = verdicts.stream().filter(Verdict::isKept).count();
        if (kept > 0) {
            return caught + ", " + kept + " of them by the seed that has caught them before";
        }
        return taken.isEmpty()
                ? caught
                : caught + "; seeds until then: median " + taken.get(taken.size() / 2) + ", worst "
                        + taken.get(taken.size() - 1);
    }
}
