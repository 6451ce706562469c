package dev.quorate.raft.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.simulator.Simulation.Result;
import dev.quorate.raft.simulator.world.Trace;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SimulationTest {

    private final Simulation simulation = new Simulation(5, 10);

    @Test
    void theSameSeedDoesTheSameThings() {
        Result first = simulation.run(7, Trace.OFF);
        Result second = simulation.run(7, Trace.OFF);

        assertEquals(first.fingerprint(), second.fingerprint());
        assertEquals(first.events(), second.events());
        assertNotEquals(first.fingerprint(), simulation.run(8, Trace.OFF).fingerprint());
    }

    @Test
    void aTraceChangesNothing() {
        List<String> lines = new ArrayList<>();

        Result traced = simulation.run(7, Trace.to(lines::add));

        assertEquals(simulation.run(7, Trace.OFF).fingerprint(), traced.fingerprint());
        assertTrue(lines.size() > 1_000, "a trace has a line for each event");
    }

    @Test
    void twoRunsThatDifferAreAViolation() {
        Result real = simulation.run(7, Trace.OFF);
        Result other = new Result(
                real.seed(),
                real.events(),
                real.faults(),
                real.operationsBegun(),
                real.operationsDone(),
                real.committed(),
                real.recoveryNanos(),
                real.fingerprint() + 1,
                real.coverage(),
                null);

        Result verdict = simulation.verifyDeterminism(other);

        assertNotNull(verdict.violation());
        assertEquals("Determinism", verdict.violation().invariant());
        assertNull(simulation.verifyDeterminism(real).violation());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 7})
    void clustersOfOtherSizesHoldAsWell(int nodes) {
        Simulation other = new Simulation(nodes, 20);
        for (long seed = 1; seed <= 20; seed++) {
            Result result = other.run(seed, Trace.OFF);
            assertNull(result.violation(), other.replayCommand(seed));
        }
    }

    @Test
    void theCommandTellsItsExitCodes() throws InterruptedException {
        assertEquals(Simulate.EXIT_OK, run("--help"));
        assertEquals(Simulate.EXIT_OK, run("--seeds", "1..3", "--simulated-seconds", "5", "--threads", "1"));
        assertEquals(Simulate.EXIT_OK, run("--seed", "2", "--simulated-seconds", "2", "--trace"));
        assertEquals(Simulate.EXIT_USAGE, run("--sneeds", "1..3"));
        assertEquals(Simulate.EXIT_USAGE, run("--seeds", "3..1"));
        assertEquals(Simulate.EXIT_USAGE, run("--nodes", "0"));
        assertEquals(Simulate.EXIT_USAGE, run("--duration", "soon"));
    }

    @Test
    void theCommandForMutationsCountsWhatSeedsCatch(@TempDir Path directory) throws Exception {
        System.setProperty("quorate.core.sources", "../raft-core/src/main/java");
        String file = "01-vote-before-sync.txt";
        Files.copy(Path.of("src/test/resources/mutations", file), directory.resolve(file));
        assertEquals(Simulate.EXIT_OK, run("mutations", directory.toString()));

        String harmless = """
                what: An unused space
                seeds: 1
                === Raft.java
                public final class Raft {
                --- becomes
                public final  class Raft {
                """;
        Files.writeString(directory.resolve("99-harmless.txt"), harmless);
        assertEquals(Simulate.EXIT_VIOLATION, run("mutations", directory.toString()));

        assertEquals(
                Simulate.EXIT_USAGE,
                run("mutations", directory.resolve("missing").toString()));
    }

    private static int run(String... args) throws InterruptedException {
        return Simulate.run(args, new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8));
    }
}
