package dev.quorate.raft.simulator;

import dev.quorate.raft.simulator.mutation.CoreSources;
import dev.quorate.raft.simulator.mutation.Mutation;
import dev.quorate.raft.simulator.mutation.MutationRun;
import dev.quorate.raft.simulator.mutation.MutationRun.Verdict;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** {@code simulate mutations}: puts the mistakes of a directory into copies of the core, and counts the seeds that each survives. */
final class SimulateMutations {

    static final String COMMAND = "mutations";

    /** Also writes down which seeds caught what, for {@code mvn verify} to begin with. */
    private static final String KEEP = "--keep";

    /** Set by the script {@code simulate}, which knows the source tree. */
    private static final String CORE_PROPERTY = "quorate.core.sources";

    private static final String MUTATIONS_PROPERTY = "quorate.mutations";

    private SimulateMutations() {}

    /** @param given after the command's own name: maybe {@code --keep}, and a directory, or nothing */
    static int run(List<String> given, PrintStream out) throws InterruptedException {
        boolean keeps = !given.isEmpty() && given.get(0).equals(KEEP);
        List<String> args = keeps ? given.subList(1, given.size()) : given;
        String core = System.getProperty(CORE_PROPERTY);
        String directory = args.isEmpty() ? System.getProperty(MUTATIONS_PROPERTY) : args.get(0);
        if (args.size() > 1 || core == null || directory == null || !Files.isDirectory(Path.of(directory))) {
            out.println("simulate: mutations wants one directory with mutation files"
                    + (directory == null ? "" : ", not " + directory)
                    + (core == null ? "; and -D" + CORE_PROPERTY + " must name raft-core's src/main/java" : ""));
            return Simulate.EXIT_USAGE;
        }
        try {
            List<Mutation> mutations = MutationRun.readAll(Path.of(directory));
            List<Verdict> verdicts = run(new MutationRun(CoreSources.read(Path.of(core))), mutations, out);
            out.println(MutationRun.summary(verdicts));
            if (keeps) {
                MutationRun.keep(Path.of(directory), verdicts);
            }
            boolean allCaught = verdicts.stream().allMatch(Verdict::isCaught);
            return allCaught ? Simulate.EXIT_OK : Simulate.EXIT_VIOLATION;
        } catch (IOException | IllegalStateException e) {
            out.println("simulate: " + e.getMessage());
            return Simulate.EXIT_USAGE;
        }
    }

    private static List<Verdict> run(MutationRun run, List<Mutation> mutations, PrintStream out)
            throws InterruptedException {
        ExecutorService threads =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
        try {
            List<Future<Verdict>> running = new ArrayList<>();
            for (Mutation mutation : mutations) {
                running.add(threads.submit(() -> run.run(mutation)));
            }
            List<Verdict> verdicts = new ArrayList<>();
            for (Future<Verdict> future : running) {
                Verdict verdict = future.get();
                out.println(verdict);
                verdicts.add(verdict);
            }
            return verdicts;
        } catch (ExecutionException e) {
            throw new IllegalStateException(String.valueOf(e.getCause()), e);
        } finally {
            threads.shutdownNow();
        }
    }
}
