package dev.quorate.examples.counter;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.simulator.Simulation;
import dev.quorate.raft.simulator.StateMachineSimulation;
import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** The counter's apply, save and load under crashes, snapshots and replays, in simulated time. */
class CounterSimulationTest {

    @Test
    void everyMemberCountsTheSame() {
        StateMachineSimulation.Report report = Simulation.of(ReplicatedCounter::new, CounterSimulationTest::add)
                .comparing(counter -> counter.value.get())
                .run(1, 50);

        assertTrue(report.restored() > 0, report::toString);
    }

    private static byte[] add(RandomGenerator random) {
        return ByteBuffer.allocate(8).putLong(random.nextInt(100)).array();
    }
}
