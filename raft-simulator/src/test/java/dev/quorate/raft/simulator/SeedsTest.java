package dev.quorate.raft.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.simulator.Simulation.Result;
import dev.quorate.raft.simulator.world.Trace;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The gate: five nodes, a minute of faults each, two thousand times. */
class SeedsTest {

    private static final long SEEDS = Long.getLong("quorate.seeds", 2_000);
    private static final int LEAST_OPERATIONS = 200;

    @Test
    void twoThousandSeedsBreakNoInvariantAndSeeEverySituation() throws InterruptedException {
        Simulation simulation = new Simulation(5, 60);
        Campaign campaign = new Campaign(simulation, 1, SEEDS, Long.MAX_VALUE / 2);

        Result failed = campaign.run(Runtime.getRuntime().availableProcessors(), done -> {});

        assertEquals("", failed == null ? "" : simulation.replayCommand(failed.seed()) + " " + failed.violation());
        assertEquals(
                List.of(),
                campaign.tooRare(),
                "situations that these seeds never, or hardly ever, got the cluster into");
        assertTrue(
                campaign.fewestOperations() >= LEAST_OPERATIONS,
                () -> "one seed asked only " + campaign.fewestOperations() + " operations of its cluster");
        System.out.printf(
                Locale.ROOT,
                "%,d seeds at %,.0f seeds/hour: %,d events, %,d operations, %,d faults%n",
                campaign.seeds(),
                campaign.seedsPerHour(),
                campaign.events(),
                campaign.operations(),
                campaign.faults());
    }

    /** Found by campaigns: in each either the core was wrong or the judge (docs/bugs-found.md). */
    @ParameterizedTest
    @ValueSource(longs = {2_003_723, 2_009_090, 3_083_340, 3_089_820})
    void whatCampaignsHaveFoundStaysMended(long seed) {
        Result result = new Simulation(5, 60).run(seed, Trace.OFF);

        assertEquals(null, result.violation(), () -> "./simulate --seed " + seed);
    }
}
