package dev.quorate.raft.simulator.mutation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Historical mistakes of Rafts are put into a copy of the core, one at a time, and ordinary random seeds must catch each of
 * them: no schedule is made for any. {@code -Dquorate.mutations=DIR} takes the mutations of another directory.
 */
@Execution(ExecutionMode.CONCURRENT)
class MutationsTest {

    private static final Path CORE = Path.of(System.getProperty("quorate.core.sources", "../raft-core/src/main/java"));
    private static final Path MUTATIONS =
            Path.of(System.getProperty("quorate.mutations", "src/test/resources/mutations"));
    /** Not those of the other tests, so that nothing is caught by seeds that were chosen with it in mind. */
    private static final long FIRST_SEED = 1_000_001;

    private static final Map<String, Integer> SEEDS_TAKEN = new ConcurrentSkipListMap<>();
    private static CoreSources sources = new CoreSources();

    @BeforeAll
    static void readTheCore() throws IOException {
        sources = CoreSources.read(CORE);
    }

    @TestFactory
    List<DynamicTest> randomSeedsCatch() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        try (Stream<Path> files = Files.list(MUTATIONS)) {
            for (Path file : files.sorted().toList()) {
                Mutation mutation = Mutation.read(file);
                tests.add(dynamicTest(mutation.name() + ": " + mutation.what(), () -> mustBeCaught(mutation)));
            }
        }
        return tests;
    }

    private static void mustBeCaught(Mutation mutation) throws ReflectiveOperationException {
        LongFunction<@Nullable String> runner = new MutantLoader(sources.compile(mutation)).seedRunner();
        for (int seeds = 1; seeds <= mutation.maxSeeds(); seeds++) {
            String violation = runner.apply(FIRST_SEED + seeds - 1);
            if (violation != null) {
                SEEDS_TAKEN.put(mutation.name(), seeds);
                System.out.println(mutation.name() + " is caught by seed number " + seeds + ": " + violation);
                return;
            }
        }
        throw new AssertionError(mutation.name() + " passed " + mutation.maxSeeds() + " seeds: " + mutation.what());
    }

    @AfterAll
    static void sumUp() {
        List<Integer> taken = SEEDS_TAKEN.values().stream().sorted().toList();
        if (!taken.isEmpty()) {
            System.out.println(taken.size() + " mutations caught; seeds until then: median "
                    + taken.get(taken.size() / 2) + ", worst " + taken.get(taken.size() - 1));
        }
    }

    @Test
    void aMutationWhoseTextIsGoneFailsTheBuild() {
        Mutation gone = new Mutation(
                "gone", "nothing", 1, List.of(new Mutation.Replacement("Raft.java", "no such text in the core", "")));

        IllegalStateException failure = assertThrows(IllegalStateException.class, () -> sources.compile(gone));

        assertEquals(
                "gone: the text to be replaced must occur once in Raft.java, but occurs never:"
                        + " no such text in the core",
                failure.getMessage());
    }
}
