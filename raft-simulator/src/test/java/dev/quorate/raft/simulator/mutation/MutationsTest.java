package dev.quorate.raft.simulator.mutation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Historical mistakes of Rafts are put into a copy of the core, one at a time, and ordinary random seeds must catch each of
 * them: no schedule is made for any. The seed that has caught one before is tried first; {@code ./simulate mutations} counts from the
 * beginning. {@code -Dquorate.mutations=DIR} takes the mutations of another directory.
 */
@Execution(ExecutionMode.CONCURRENT)
class MutationsTest {

    private static final Path CORE = Path.of(System.getProperty("quorate.core.sources", "../raft-core/src/main/java"));
    private static final Path MUTATIONS =
            Path.of(System.getProperty("quorate.mutations", "src/test/resources/mutations"));
    private static final Queue<MutationRun.Verdict> VERDICTS = new ConcurrentLinkedQueue<>();
    private static CoreSources sources = new CoreSources();

    @BeforeAll
    static void readTheCore() throws IOException {
        sources = CoreSources.read(CORE);
    }

    @TestFactory
    Stream<DynamicTest> randomSeedsCatch() throws IOException {
        return MutationRun.readAll(MUTATIONS).stream()
                .map(mutation -> dynamicTest(mutation.name() + ": " + mutation.what(), () -> mustBeCaught(mutation)));
    }

    private static void mustBeCaught(Mutation mutation) {
        MutationRun.Verdict verdict = new MutationRun(sources).runKept(mutation);
        VERDICTS.add(verdict);
        System.out.println(verdict);
        assertTrue(verdict.isCaught(), verdict::toString);
    }

    @AfterAll
    static void sumUp() {
        System.out.println(MutationRun.summary(List.copyOf(VERDICTS)));
    }

    @Test
    void aMutationWhoseTextIsGoneFailsTheBuild() {
        Mutation gone = new Mutation(
                "gone",
                "nothing",
                1,
                0,
                List.of(new Mutation.Replacement("Raft.java", "no such text in the core", "")));

        IllegalStateException failure = assertThrows(IllegalStateException.class, () -> sources.compile(gone));

        assertEquals(
                "gone: the text to be replaced must occur once in Raft.java, but occurs never:"
                        + " no such text in the core",
                failure.getMessage());
    }
}
