package dev.quorate.raft.simulator.world;

import dev.quorate.raft.simulator.world.Swarm.Composition;
import dev.quorate.raft.simulator.world.Swarm.CorePlan;
import dev.quorate.raft.simulator.world.Swarm.DiskPlan;
import dev.quorate.raft.simulator.world.Swarm.FaultPlan;
import dev.quorate.raft.simulator.world.Swarm.LoadPlan;
import dev.quorate.raft.simulator.world.Swarm.MembershipPlan;
import dev.quorate.raft.simulator.world.Swarm.NetworkPlan;

/**
 * Some seeds concentrate on leases. A lease lasts for an election timeout at most, and what is wrong with one shows only if a
 * new leader is elected, acknowledges a write, and the old one is asked, all within that time: messages are quick, reads come
 * from everywhere, and leaders are deposed all the time.
 */
final class LeaseTrial {

    private static final long CROWD_NANOS = 4 * Nanos.PER_MILLI;

    private LeaseTrial() {}

    static Swarm of(SplitMix random, Swarm drawn) {
        return new Swarm(
                random.chance(0.5) ? Composition.THREE_VOTERS : drawn.composition(),
                network(random, drawn.network()),
                new DiskPlan(
                        Nanos.ofMillis(random.between(0.05, 2.0)), drawn.disk().prefixSurvives(), false, false, 0),
                faults(random, drawn.faults()),
                load(random, drawn.load()),
                core(random, drawn.core()),
                membership(random, drawn.membership()),
                drawn.reads(),
                drawn.sessions());
    }

    private static NetworkPlan network(SplitMix random, NetworkPlan drawn) {
        return new NetworkPlan(
                Nanos.ofMillis(random.between(0.2, 5.0)),
                drawn.loss(),
                drawn.duplication(),
                drawn.straggling(),
                drawn.inOrder(),
                drawn.tellsUnreachable());
    }

    private static FaultPlan faults(SplitMix random, FaultPlan drawn) {
        return new FaultPlan(
                Nanos.ofMillis(random.between(80.0, 500.0)),
                random.chance(0.7),
                true,
                drawn.pauses(),
                random.chance(0.7),
                false,
                false,
                random.oneOf(0.3, 0.7));
    }

    private static LoadPlan load(SplitMix random, LoadPlan drawn) {
        return new LoadPlan(
                drawn.clients(),
                Nanos.ofMillis(random.between(20.0, 60.0)),
                0.3,
                CROWD_NANOS,
                random.between(0.0, 0.6),
                1,
                0,
                drawn.clientTimeoutNanos());
    }

    private static CorePlan core(SplitMix random, CorePlan drawn) {
        return new CorePlan(
                drawn.electionTimeoutNanos(),
                Nanos.ofMillis(random.between(10.0, 40.0)),
                8_192,
                8,
                8,
                1L << 20,
                64L << 20,
                65_536,
                drawn.trailingEntries(),
                drawn.forwardsProposals(),
                random.chance(0.2) ? drawn.snapshotEveryEntries() : 0,
                drawn.meanSnapshotNanos(),
                0,
                drawn.meanFetchNanos(),
                0,
                0,
                drawn.durableStateMachine(),
                drawn.followersServeSnapshots());
    }

    private static MembershipPlan membership(SplitMix random, MembershipPlan drawn) {
        if (random.chance(0.5)) {
            return new MembershipPlan(Integer.MAX_VALUE, 0, false, false, false, false, 0, 0);
        }
        return new MembershipPlan(
                drawn.founders(),
                Nanos.ofMillis(random.between(100.0, 600.0)),
                random.chance(0.2),
                true,
                false,
                false,
                drawn.aimsAtLeader(),
                0);
    }
}
