package dev.quorate.raft.simulator.world;

import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.ReadConsistency;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.simulator.invariant.InvariantViolation;
import dev.quorate.raft.simulator.observe.Cluster;
import dev.quorate.raft.simulator.observe.Coverage.Situation;
import dev.quorate.raft.simulator.observe.NodeView;
import dev.quorate.raft.simulator.world.Operation.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * I18: the faults stop, and a core of the nodes, all or at least a quorum, is healed. Within a bounded time it has one
 * leader, answers everything that was asked and is asked, and holds equal states; then nothing grows any more: no term, no
 * queue. Whoever is left out stays down, or cut off in one direction or both, or has a disk that hangs, and must not disturb.
 */
public final class LivenessPhase {

    /** The longest an election timer waits is twice the timeout; this many such waits are granted. */
    private static final int GRANTED_WAITS = 20;

    private static final long CALM_DELAY_NANOS = Nanos.PER_MILLI;
    /** There and back, the follower's sync, and the leader's read of what is not in memory any more; a slow disk does each. */
    private static final long ROUND_TRIP_NANOS = 50 * Nanos.PER_MILLI;

    /** What was begun is finished by whoever leads; a member that should lead is observed for a while before it may. */
    private static final long GRANTED_FOR_CHANGES_NANOS = 20 * Nanos.PER_SECOND;

    private static final long STEP_NANOS = 50 * Nanos.PER_MILLI;
    private static final long QUIET_NANOS = 2 * Nanos.PER_SECOND;
    private static final long PROBE_TIMEOUT_NANOS = Nanos.PER_SECOND;

    private final World world;
    private final SplitMix random;
    private final List<SimulatedNode> core = new ArrayList<>();
    private final long healedAt;
    private long deadline;
    private String missing = "";

    public LivenessPhase(World world) {
        this.world = world;
        this.random = world.stream("liveness");
        this.healedAt = world.now();
        long changes = world.swarm().membership().meanIntervalNanos() == 0 ? 0 : GRANTED_FOR_CHANGES_NANOS;
        this.deadline =
                healedAt + GRANTED_WAITS * 2 * world.swarm().core().electionTimeoutNanos() + longestCatchUp() + changes;
    }

    /** A member that is far behind gets a few entries per round trip, if its leader is configured like that. */
    private long longestCatchUp() {
        long behind = 0;
        for (NodeView node : world.observer().cluster().nodes()) {
            for (NodeView other : world.observer().cluster().nodes()) {
                behind = Math.max(
                        behind, other.log().lastIndex() - node.disk().log().lastIndex());
            }
        }
        return behind * ROUND_TRIP_NANOS / world.swarm().core().maxAppendEntries();
    }

    /**
     * Runs the phase.
     *
     * @return how long it took until everything was well, in simulated nanoseconds
     * @throws InvariantViolation if it did not become well in time, or did not stay well
     */
    public long run() {
        heal();
        runUntilTrue(() -> agreedLeader() != null);
        world.load().stop();
        world.workload().stop();
        deadline += longestCatchUp(); // of what was written until now: the last messages from before may take seconds
        for (SimulatedNode node : core) {
            Probe read = new Probe(node, true);
            runUntilTrue(read::isDone);
            if (world.swarm().core().forwardsProposals()) {
                Probe put = new Probe(node, false);
                runUntilTrue(put::isDone);
            }
        }
        Probe put = new Probe(null, false);
        runUntilTrue(put::isDone);
        runUntilTrue(this::isSettled);
        long tookNanos = world.now() - healedAt;
        stayQuiet();
        world.workload()
                .settled(core.stream()
                        .filter(this::isMember)
                        .map(SimulatedNode::replica)
                        .toList());
        return tookNanos;
    }

    private void heal() {
        world.faults().stop();
        world.operator().stop();
        world.calm();
        world.network().heal(CALM_DELAY_NANOS);
        int nodes = world.nodeCount();
        int first = random.chance(0.5) ? leaderOrFirst() : random.below(nodes);
        int leftOut = random.chance(0.4) ? random.below((nodes + 1) / 2) : 0;
        if (!isQuorumWithout(first, leftOut)) {
            leftOut = 0;
        }
        if (leftOut > 0) {
            world.coverage().saw(Situation.HEALED_WITH_A_MINORITY_LEFT_OUT);
        }
        for (int i = 0; i < nodes; i++) {
            SimulatedNode node = world.node((first + i) % nodes);
            node.resume();
            if (i < leftOut) {
                leaveOut(node);
            } else {
                core.add(node);
                node.setClockRate(world.swarm().reads().calmRate(random));
                node.disk().calm();
                if (!node.view().isUp()) {
                    node.start();
                }
            }
        }
        if (world.trace().isOn()) {
            world.trace()
                    .line(
                            world.now(),
                            "all",
                            "faults end; the healed core is "
                                    + core.stream().map(SimulatedNode::view).toList());
        }
    }

    /** To leave out whoever leads is the hardest test: it must let go of its office, or others must take it. */
    private int leaderOrFirst() {
        for (int i = 0; i < world.nodeCount(); i++) {
            if (world.node(i).view().leads()) {
                return i;
            }
        }
        return 0;
    }

    private boolean isQuorumWithout(int first, int leftOut) {
        int nodes = world.nodeCount();
        Cluster cluster = world.observer().cluster();
        if (world.operator().awaitsChange()) {
            return false; // nobody knows yet what it will ask of whom
        }
        for (Membership membership : cluster.membershipsInPlay()) {
            Predicate<NodeView> isThere = node -> node.isMeantBy(membership)
                    && !node.isDamaged()
                    && Math.floorMod(node.number() - first, nodes) >= leftOut;
            // Whoever waits to become a voter may do so at any moment: it was there until now.
            if (!cluster.isQuorum(membership, isThere)
                    || !cluster.isQuorum(Membership.of(membership.votersNext()), isThere)) {
                return false;
            }
        }
        return true;
    }

    private void leaveOut(SimulatedNode node) {
        boolean hears = false;
        boolean speaks = false;
        switch (random.below(5)) {
            case 0 -> {
                if (node.view().isUp()) {
                    node.crash();
                }
            }
            case 1 -> hears = true;
            case 2 -> speaks = true;
            case 3 -> {
                world.coverage().saw(Situation.HEALED_WITH_A_DISK_THAT_HANGS);
                node.disk().hangForEver();
                hears = true;
                speaks = true;
            }
            default -> {}
        }
        int self = node.view().number();
        for (int other = 0; other < world.nodeCount(); other++) {
            if (!hears) {
                world.network().cut(other, self);
            }
            if (!speaks) {
                world.network().cut(self, other);
            }
        }
    }

    /** A request that is repeated until it succeeds. */
    private final class Probe {
        private final @Nullable SimulatedNode node;
        private final boolean isRead;
        private @Nullable Operation operation;
        private long begunAt;

        /** @param node where to ask, null for whoever leads */
        Probe(@Nullable SimulatedNode node, boolean isRead) {
            this.node = node;
            this.isRead = isRead;
        }

        boolean isDone() {
            if (node != null && !isMember(node)) {
                return true; // it has left, or has not come yet
            }
            Operation current = operation;
            if (current != null && current.outcome == Outcome.DONE) {
                return true;
            }
            SimulatedNode asked = node != null ? node : agreedLeader();
            boolean waits = current != null
                    && current.outcome == Outcome.PENDING
                    && world.now() < begunAt + PROBE_TIMEOUT_NANOS;
            if (!waits && asked != null) {
                missing = (isRead ? "a read at " : "a write at ") + asked.view() + " succeeds";
                begunAt = world.now();
                operation = isRead
                        ? world.clients().read(asked, ReadConsistency.LINEARIZABLE, () -> {})
                        : world.clients().put(asked, 1, () -> {}).get(0);
            }
            return false;
        }
    }

    /** The one leader that all members in the core follow in one term, or null. */
    private @Nullable SimulatedNode agreedLeader() {
        missing = "one leader is followed by all";
        SimulatedNode leader = newestLeader();
        if (leader == null) {
            return null;
        }
        for (SimulatedNode node : members(leader)) {
            RaftStatus status = node.view().status();
            if (status == null
                    || status.term() != leader.view().term()
                    || !leader.view().id().equals(status.leader())) {
                return null;
            }
        }
        return leader;
    }

    private @Nullable SimulatedNode newestLeader() {
        SimulatedNode newest = null;
        for (SimulatedNode node : core) {
            if (node.view().leads()
                    && (newest == null || node.view().term() > newest.view().term())) {
                newest = node;
            }
        }
        return newest;
    }

    /** Who of the core belongs to the group, as its leader knows it: the others wait, or have left. */
    private List<SimulatedNode> members(SimulatedNode leader) {
        Membership membership = Objects.requireNonNull(leader.view().status()).membership();
        return core.stream().filter(node -> node.view().isMeantBy(membership)).toList();
    }

    private boolean isMember(SimulatedNode node) {
        SimulatedNode leader = agreedLeader();
        return leader == null || members(leader).contains(node);
    }

    /** What a membership change began is at its end, and whoever should lead does. */
    private boolean isAtRest(SimulatedNode leader) {
        Membership membership = Objects.requireNonNull(leader.view().status()).membership();
        missing = "the joint membership " + membership + " is left";
        if (membership.isJoint()) {
            return false;
        }
        missing = "the learners of " + membership + " that are there become voters";
        boolean allJoinersAreHere = membership.votersNext().stream()
                .allMatch(id ->
                        core.contains(world.node(id)) && world.node(id).view().isMeantBy(membership));
        if (!membership.votersNext().isEmpty() && allJoinersAreHere) {
            return false;
        }
        missing = "a member that should rather lead than " + leader.view() + " does";
        int priority = membership.member(leader.view().id()).priority();
        return members(leader).stream()
                .noneMatch(node -> membership.isVoter(node.view().id())
                        && membership.member(node.view().id()).priority() > priority);
    }

    /** Everything that was asked is answered, everything that is in a log is applied everywhere. */
    private boolean isSettled() {
        SimulatedNode leader = agreedLeader();
        if (leader == null) {
            return false;
        }
        if (!isAtRest(leader)) {
            return false;
        }
        long last = leader.view().log().lastIndex();
        for (SimulatedNode node : members(leader)) {
            NodeView view = node.view();
            RaftStatus status = view.status();
            missing = "the log of " + view + " is repaired";
            if (view.isDamaged()) {
                return false;
            }
            missing = view + " holds, commits and applies all up to " + last;
            if (status == null
                    || status.commitIndex() != last
                    || status.appliedIndex() != last
                    || view.disk().log().lastIndex() != last
                    || node.replica().hash() != leader.replica().hash()) {
                return false;
            }
        }
        for (SimulatedNode node : core) {
            // A node that does not belong to the group applies nothing, so a read may wait there for what never comes.
            Operation waiting = members(leader).contains(node) ? world.clients().oldestUnanswered(node) : null;
            String unanswered = world.operator().oldestUnanswered(node);
            missing = "the core of " + node.view() + " answers " + waiting + ", " + unanswered;
            if (waiting != null || unanswered != null) {
                return false;
            }
        }
        return true;
    }

    private void runUntilTrue(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            if (world.now() >= deadline) {
                throw new InvariantViolation(
                        "Liveness",
                        "after " + (world.now() - healedAt) / Nanos.PER_MILLI
                                + " ms without faults it is still not so that " + missing);
            }
            world.runUntil(world.now() + STEP_NANOS);
        }
    }

    private long sentByCore() {
        return core.stream()
                .mapToLong(node -> world.network().sentBy(node.view().number()))
                .sum();
    }

    private void stayQuiet() {
        long leaversKnowAt = world.now() + longestCatchUp();
        // Every heartbeat interval a leader may ask each member twice and be answered twice; the rest is for what those
        // left out say. They themselves may send at once what has waited for their disks since before.
        long intervals = QUIET_NANOS / world.swarm().core().heartbeatIntervalNanos();
        long limit = 100 + 4 * intervals * world.nodeCount();
        long sent;
        boolean isLeaverTold;
        do {
            isLeaverTold = isAnyLeaverBehind() && world.now() < leaversKnowAt;
            sent = sentWhileNothingHappens();
        } while (sent > limit && isLeaverTold);
        if (sent > limit) {
            throw new InvariantViolation(
                    "QueuesAreBounded",
                    sent + " messages were sent in " + QUIET_NANOS / Nanos.PER_MILLI
                            + " ms in which nothing happened; at most " + limit + " are needed");
        }
    }

    /** Whoever has left is still told so, entry by entry, if it lacks what came before. */
    private boolean isAnyLeaverBehind() {
        SimulatedNode leader = Objects.requireNonNull(agreedLeader());
        long last = leader.view().log().lastIndex();
        return core.stream()
                .anyMatch(node ->
                        !members(leader).contains(node) && node.view().log().lastIndex() < last);
    }

    private long sentWhileNothingHappens() {
        SimulatedNode leader = Objects.requireNonNull(agreedLeader());
        List<SimulatedNode> members = members(leader);
        long term = leader.view().term();
        long sentBefore = sentByCore();
        world.runUntil(world.now() + QUIET_NANOS);
        for (SimulatedNode node : members) {
            if (node.view().term() != term) {
                throw new InvariantViolation(
                        "Liveness",
                        node.view() + " went from term " + term + " to "
                                + node.view().term() + " although nothing was wrong any more");
            }
        }
        if (!isSettled()) {
            throw new InvariantViolation("Liveness", "all was well, but no more is it so that " + missing);
        }
        return sentByCore() - sentBefore;
    }
}
