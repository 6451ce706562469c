package dev.quorate.raft.simulator.world;

/**
 * Which troubles one seed has, and how strong they are. Each seed draws its own: a run in which everything fails all the time
 * reaches less than many runs that each concentrate on something (swarm testing; Groce et al. 2012).
 */
public record Swarm(
        Composition composition,
        NetworkPlan network,
        DiskPlan disk,
        FaultPlan faults,
        LoadPlan load,
        CorePlan core,
        MembershipPlan membership,
        ReadPlan reads,
        SessionPlan sessions) {

    /** Who of the nodes is what in the group's first membership. */
    public enum Composition {
        ALL_VOTERS,
        ONE_LEARNER,
        /** Three voters, so that two answers are enough for anything; all others learn. */
        THREE_VOTERS,
        /** The first half of the nodes is on its way out, the last half on its way in, the one between is in both. */
        JOINT
    }

    /**
     * @param membership where the plan of membership changes is drawn from, so that it does not reshuffle the others
     * @param reads where the plan of reads is drawn from
     * @param sessions where the plan of sessions is drawn from
     * @param rot where it is drawn from whether logs are damaged
     */
    static Swarm draw(SplitMix random, SplitMix membership, SplitMix reads, SplitMix sessions, SplitMix rot) {
        boolean shortReigns = random.chance(0.12);
        ReadPlan readPlan = ReadPlan.draw(reads);
        MembershipPlan membershipPlan = MembershipPlan.draw(membership);
        boolean rots = rot.chance(0.4);
        Swarm drawn = new Swarm(
                random.chance(0.65)
                        ? Composition.ALL_VOTERS
                        : random.oneOf(
                                Composition.ONE_LEARNER,
                                Composition.JOINT,
                                Composition.THREE_VOTERS,
                                Composition.THREE_VOTERS),
                NetworkPlan.draw(random),
                DiskPlan.draw(random, rots, rot.oneOf(0.2, 0.7)),
                FaultPlan.draw(random, shortReigns),
                LoadPlan.draw(random, shortReigns),
                CorePlan.draw(random, shortReigns),
                membershipPlan,
                readPlan,
                SessionPlan.draw(sessions));
        return readPlan.isLeaseTrial() ? LeaseTrial.of(reads, drawn) : drawn;
    }

    /**
     * @param loss probability that a message is lost
     * @param duplication probability that it arrives twice
     * @param straggling probability that it takes up to seconds
     * @param inOrder true if messages of one link never overtake each other, as on one TCP connection
     * @param tellsUnreachable probability that the sender is told of a message that a cut link dropped
     */
    public record NetworkPlan(
            long meanDelayNanos,
            double loss,
            double duplication,
            double straggling,
            boolean inOrder,
            double tellsUnreachable) {

        static NetworkPlan draw(SplitMix random) {
            boolean isLocal = random.chance(0.4);
            return new NetworkPlan(
                    isLocal ? Nanos.ofMillis(random.between(0.2, 10.0)) : Nanos.ofMillis(random.between(30.0, 100.0)),
                    random.chance(0.5) ? random.between(0.0, 0.3) : 0,
                    random.chance(0.5) ? random.between(0.0, 0.5) : 0,
                    random.chance(0.4) ? random.between(0.0, 0.05) : 0,
                    random.chance(0.3),
                    random.chance(0.5) ? random.nextDouble() : 0);
        }
    }

    /**
     * @param prefixSurvives probability that a crash keeps some of the writes that were not synced yet
     * @param acknowledgesOnlyLast true if the core hears only of the last of the writes that one sync covered
     * @param rots true if entries of logs become unreadable, on fewer disks than a quorum at a time
     * @param rotsWholly probability that then the whole log is lost
     */
    public record DiskPlan(
            long meanSyncNanos, double prefixSurvives, boolean acknowledgesOnlyLast, boolean rots, double rotsWholly) {

        static DiskPlan draw(SplitMix random, boolean rots, double rotsWholly) {
            return new DiskPlan(
                    Nanos.ofMillis(random.chance(0.7) ? random.between(0.1, 10.0) : random.between(10.0, 80.0)),
                    random.oneOf(0.0, 0.5, 1.0),
                    random.chance(0.3),
                    rots,
                    rotsWholly);
        }
    }

    /**
     * What the operator does, and how often.
     *
     * @param founders how many nodes the first membership has at most; the others wait to be added
     * @param meanIntervalNanos between two acts of the operator; 0 for an operator who does nothing
     * @param forces probability that a change is forced
     */
    public record MembershipPlan(
            int founders,
            long meanIntervalNanos,
            boolean changes,
            boolean transfers,
            boolean wipes,
            boolean priorities,
            double aimsAtLeader,
            double forces) {

        static MembershipPlan draw(SplitMix random) {
            if (random.chance(0.6)) {
                return new MembershipPlan(Integer.MAX_VALUE, 0, false, false, false, false, 0, 0);
            }
            boolean changes = random.chance(0.85);
            return new MembershipPlan(
                    random.oneOf(1, 3, 3, 4, Integer.MAX_VALUE, Integer.MAX_VALUE),
                    random.chance(0.3)
                            ? Nanos.ofMillis(random.between(50.0, 400.0))
                            : Nanos.ofSeconds(random.between(0.4, 4.0)),
                    changes,
                    !changes || random.chance(0.6),
                    changes && random.chance(0.5),
                    random.chance(0.3),
                    random.oneOf(0.1, 0.5),
                    random.chance(0.3) ? 0.3 : 0);
        }
    }

    /** The mean time between faults, and which kinds there are. */
    public record FaultPlan(
            long meanIntervalNanos,
            boolean crashes,
            boolean partitions,
            boolean pauses,
            boolean clockRates,
            boolean slowDisks,
            boolean failingSyncs,
            double aimsAtLeader) {

        static FaultPlan draw(SplitMix random, boolean shortReigns) {
            boolean crashes = random.chance(0.75);
            boolean partitions = random.chance(0.75);
            // Reigns so short that entries of many terms stand in the logs, and few are committed (Raft paper, figure
            // 8).
            return new FaultPlan(
                    shortReigns
                            ? Nanos.ofMillis(random.between(300.0, 1500.0))
                            : Nanos.ofSeconds(random.between(0.5, 3.5)),
                    crashes || !partitions,
                    partitions,
                    !shortReigns && random.chance(0.5),
                    !shortReigns && random.chance(0.5),
                    !shortReigns && random.chance(0.5),
                    !shortReigns && random.chance(0.3),
                    shortReigns ? 0.9 : random.oneOf(0.0, 0.3, 0.7));
        }
    }

    /**
     * @param meanThinkNanos how long a client waits between two operations
     * @param reads the share of operations that are reads
     * @param meanCrowdNanos the time between two reads that no client waits for, 0 for none
     * @param sticksToLeader probability that a client goes to the node that it believes to lead
     */
    public record LoadPlan(
            int clients,
            long meanThinkNanos,
            double reads,
            long meanCrowdNanos,
            double sticksToLeader,
            int maxBatch,
            int maxPaddingBytes,
            long clientTimeoutNanos) {

        static LoadPlan draw(SplitMix random, boolean shortReigns) {
            return new LoadPlan(
                    (int) random.between(4, 13),
                    Nanos.ofMillis(random.between(20.0, 250.0)),
                    shortReigns ? 0.1 : random.between(0.2, 0.7),
                    random.chance(0.5) ? Nanos.ofMillis(random.between(10.0, 100.0)) : 0,
                    shortReigns ? 1.0 : random.nextDouble(),
                    shortReigns || random.chance(0.3) ? 8 : 1,
                    random.chance(0.5) ? 0 : 120,
                    Nanos.ofSeconds(random.chance(0.5) ? random.between(0.1, 0.5) : random.between(0.5, 3.0)));
        }
    }

    /**
     * How the members are configured, and how their drivers behave.
     *
     * @param snapshotEveryEntries 0 for never
     * @param meanFetchNanos how long it takes to read old entries
     * @param fetchFails probability that old entries cannot be read
     * @param maxBatchDelayNanos up to how long verbs gather before the core sees them, 0 for not at all
     * @param durableStateMachine true if a state machine survives a crash, up to its last flush
     * @param followersServeSnapshots false if only the leader's can be fetched: something is in the way between the others
     */
    public record CorePlan(
            long electionTimeoutNanos,
            long heartbeatIntervalNanos,
            int maxAppendEntries,
            int maxInflightBatches,
            int maxInflightAppends,
            long maxWindowBytes,
            long maxUncommittedBytes,
            int maxPendingReads,
            long trailingEntries,
            boolean forwardsProposals,
            int snapshotEveryEntries,
            long meanSnapshotNanos,
            long meanApplyNanos,
            long meanFetchNanos,
            double fetchFails,
            long maxBatchDelayNanos,
            boolean durableStateMachine,
            boolean followersServeSnapshots) {

        static CorePlan draw(SplitMix random, boolean shortReigns) {
            return new CorePlan(
                    Nanos.ofMillis(150),
                    Nanos.ofMillis(random.between(25.0, 60.0)),
                    shortReigns ? 1 : random.oneOf(2, 4, 16, 64, 8_192),
                    random.oneOf(1, 1, 2, 8),
                    shortReigns ? 1 : random.oneOf(1, 2, 8),
                    random.oneOf(0L, 1_000L, 8_000L, 1L << 20),
                    random.chance(0.2) ? random.between(500L, 4_000L) : 64L << 20,
                    random.chance(0.2) ? 4 : 65_536,
                    random.oneOf(0L, 0L, 10L, 100L),
                    random.chance(0.7),
                    random.chance(0.8) ? (int) random.between(20, 300) : 0,
                    Nanos.ofMillis(random.oneOf(5.0, 100.0, 500.0)),
                    Nanos.ofMillis(random.oneOf(0.0, 0.1, 5.0, 50.0)),
                    Nanos.ofMillis(random.oneOf(1.0, 10.0, 200.0)),
                    random.oneOf(0.0, 0.0, 0.05),
                    random.chance(0.4) ? Nanos.ofMillis(random.between(0.05, 20.0)) : 0,
                    random.chance(0.5),
                    random.chance(0.8));
        }
    }
}
