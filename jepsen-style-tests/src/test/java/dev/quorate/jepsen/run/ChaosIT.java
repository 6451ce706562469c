package dev.quorate.jepsen.run;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.jepsen.cluster.FakeClock;
import dev.quorate.jepsen.cluster.FreePorts;
import dev.quorate.jepsen.cluster.SystemUnderTest;
import dev.quorate.jepsen.history.HistoryReader;
import dev.quorate.jepsen.history.Outcome;
import dev.quorate.jepsen.nemesis.Nemeses;
import dev.quorate.jepsen.nemesis.Schedule;
import dev.quorate.jepsen.workload.Workload;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** The short form of {@code ./chaos run}. */
@NullMarked
class ChaosIT {

    /** Another one each day would find more; this one finds the same tomorrow. {@code ./chaos run} draws. */
    private static final long SEED = Long.getLong("chaos.seed", 2);

    private static final Duration DURATION = Duration.ofSeconds(Integer.getInteger("chaos.seconds", 20));

    @Test
    void underKillsPausesGarbageAndWrongClocksTheStoreStaysLinearizable() throws Exception {
        List<String> kinds = new ArrayList<>(List.of("kill", "pause", "garbage"));
        SystemUnderTest system = TestServers.system(OptionalLong.of(2_000));
        Path directory = TestServers.newDirectory("chaos");
        if (TestServers.isProduct() && FakeClock.isAvailable()) {
            kinds.add("clock");
            system = new FakeClock(system, directory);
        } else {
            System.out.println("clocks are not set: that needs a C compiler, cc");
        }
        ChaosRun.Options judged = new ChaosRun.Options(
                DURATION,
                SEED,
                12,
                600,
                Workload.Options.DEFAULT,
                ChaosRun.Companionship.DEFAULT,
                Duration.ofMillis(1_500),
                false,
                Duration.ofSeconds(60),
                directory);
        ChaosRun.Options options = kinds.contains("clock") ? judged.withWrongClocks() : judged;

        RunReport report = ChaosRun.run(
                options,
                system,
                FreePorts.nodes(3),
                (cluster, client, clock, recorder) -> new Schedule(
                        kinds.stream()
                                .map(kind -> Nemeses.make(kind, cluster, client))
                                .toList(),
                        SEED,
                        clock,
                        recorder,
                        recorder::add,
                        line -> {}),
                line -> {});

        System.out.println(report.describe());
        assertTrue(report.isGood(), () -> report.describe() + "see " + directory);
        assertTrue(report.count(Outcome.OK) > 500, "the clients got something done: " + report.describe());
        assertTrue(
                HistoryReader.read(directory.resolve(ChaosRun.HISTORY_FILE)).equals(report.history()),
                "the file holds the history that was judged");
    }
}
