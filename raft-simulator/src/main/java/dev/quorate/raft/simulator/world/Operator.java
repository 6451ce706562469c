package dev.quorate.raft.simulator.world;

import dev.quorate.raft.Output;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.MembershipChange;
import dev.quorate.raft.model.MembershipChange.Step;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.simulator.invariant.AnswersAreTrue;
import dev.quorate.raft.simulator.invariant.InvariantViolation;
import dev.quorate.raft.simulator.observe.Cluster;
import dev.quorate.raft.simulator.observe.Coverage.Situation;
import dev.quorate.raft.simulator.observe.NodeView;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Whoever runs the group: adds, removes and replaces members, moves leadership, and now and then a disk of theirs dies. Asks
 * for one thing after the other, of whoever leads or of anybody, and for anything, sensible or not; only the disks' budget is
 * kept: with what is left, the group can always be repaired.
 */
final class Operator {

    /** What a change brings, so that the one thing that must be true of the answer can be checked. */
    private record Asked(SimulatedNode node, @Nullable NodeId transferTo, boolean isTransfer, long atNanos) {}

    /** Two election timeouts by the slowest clock there is, and what batches and disks take. */
    private static final long MAX_TRANSFER_NANOS = 3 * Nanos.PER_SECOND;

    private final World world;
    private final Cluster cluster;
    private final SplitMix random;
    private final Swarm.MembershipPlan plan;
    private final AnswersAreTrue answers;
    private final Map<Long, Asked> unanswered = new TreeMap<>();
    private final Set<NodeId> everMembers = new HashSet<>();
    private final Set<Long> arrived = new TreeSet<>();
    private final Set<Long> begun = new TreeSet<>();
    private boolean isStopped;

    Operator(World world) {
        this.world = world;
        this.cluster = world.observer().cluster();
        this.random = world.stream("operator");
        this.plan = world.swarm().membership();
        this.answers = world.observer().answers();
        everMembers.addAll(world.initialMembership().all());
    }

    void start() {
        if (plan.meanIntervalNanos() > 0) {
            world.scheduler().after(random.exponential(plan.meanIntervalNanos()), () -> {
                if (!isStopped) {
                    act();
                    start();
                }
            });
        }
    }

    /** Nothing new is asked for. */
    void stop() {
        isStopped = true;
    }

    /** Something that this node's core owes an answer to, or null. */
    @Nullable
    String oldestUnanswered(SimulatedNode node) {
        for (Map.Entry<Long, Asked> asked : unanswered.entrySet()) {
            if (asked.getValue().node() == node) {
                return (asked.getValue().isTransfer() ? "transfer " : "change ") + asked.getKey();
            }
        }
        return null;
    }

    /** True if a change was asked for and not answered: it may happen yet. */
    boolean awaitsChange() {
        return unanswered.values().stream().anyMatch(asked -> !asked.isTransfer());
    }

    private void act() {
        NodeView forgetful = forgetful();
        if (cluster.nodes().stream().anyMatch(NodeView::isDamaged)) {
            // Whoever takes healthy members out meanwhile may be left without a quorum of votes: the manual says so.
            if (plan.transfers()) {
                transfer();
            }
        } else if (forgetful != null) {
            repair(forgetful);
        } else if (plan.wipes() && random.chance(0.15)) {
            wipeSomebody();
        } else if (plan.transfers() && (!plan.changes() || random.chance(0.4))) {
            transfer();
        } else if (plan.changes()) {
            change();
        }
    }

    /** A transfer that is never answered would keep the writes out for ever (thesis §3.10: it is over after an election timeout). */
    private void checkAnswered(long id) {
        Asked asked = unanswered.get(id);
        if (asked != null && !asked.node().wasPausedSince(asked.atNanos())) {
            throw new InvariantViolation("Liveness", asked.node().view() + " still owes the answer to transfer " + id);
        }
    }

    /** The core has heard of a transfer: if it does not answer in the same batch, it has begun. */
    void transferArrived(long id) {
        if (unanswered.containsKey(id)) {
            arrived.add(id);
        }
    }

    /** A leader that hands over takes nothing in. */
    void batchEnded(SimulatedNode node, Output output, RaftStatus status) {
        for (Long id : begun) {
            Asked asked = unanswered.get(id);
            if (asked != null && asked.node() == node && node.view().leads()) {
                for (Output.Accepted accepted : output.accepted()) {
                    if (accepted.position().term() == status.term()) {
                        throw new InvariantViolation(
                                "Handover",
                                node.view() + " takes in " + accepted + " during transfer " + id + " to "
                                        + asked.transferTo());
                    }
                }
            }
        }
        begun.retainAll(unanswered.keySet());
        for (Long id : arrived) {
            Asked asked = unanswered.get(id);
            if (asked != null && asked.node() == node) {
                begun.add(id);
            }
        }
        arrived.retainAll(unanswered.keySet());
        arrived.removeAll(begun);
    }

    // ---- disks that die -------------------------------------------------------------------------------------------

    /** A member whose disk was lost. */
    private @Nullable NodeView forgetful() {
        for (Membership membership : cluster.membershipsInPlay()) {
            for (NodeId member : membership.all()) {
                if (!cluster.node(member).isMeantBy(membership)) {
                    return cluster.node(member);
                }
            }
        }
        return null;
    }

    /** What the manual says: take it out, and add it again. */
    private void repair(NodeView forgetful) {
        Step remove = new MembershipChange.Remove(forgetful.id());
        ask(leaderOrAnybody(), new MembershipChange(List.of(remove), random.chance(0.2)));
    }

    /**
     * One disk at a time, when nothing else is going on, everybody knows whose disk it is, and the others are a quorum.
     */
    private void wipeSomebody() {
        Set<Membership> inPlay = cluster.membershipsInPlay();
        NodeView victim = cluster.node(random.below(world.nodeCount()));
        Membership membership = inPlay.iterator().next();
        boolean isQuiet = inPlay.size() == 1
                && unanswered.isEmpty()
                && !membership.isJoint()
                && membership.votersNext().isEmpty();
        boolean isKnown = membership.all().stream().allMatch(this::everybodyKnowsTheDiskOf);
        if (isQuiet
                && isKnown
                && membership.contains(victim.id())
                && cluster.isQuorum(membership, voter -> voter != victim && voter.isMeantBy(membership))) {
            world.coverage().saw(Situation.NODE_WIPED);
            wipe(world.node(victim.number()));
        }
    }

    private boolean everybodyKnowsTheDiskOf(NodeId member) {
        return cluster.membershipsInPlay().stream()
                        .allMatch(each -> each.member(member).identity() != 0)
                && cluster.nodes().stream()
                        .filter(node -> cluster.committed().membership().isVoter(node.id()))
                        .allMatch(node -> node.disk().log().lastIndex()
                                >= cluster.committed().membershipIndex());
    }

    private void wipe(SimulatedNode node) {
        node.wipe();
        world.scheduler().after(random.exponential(Nanos.ofMillis(300)), () -> {
            if (!node.view().isUp()) {
                node.start();
            }
        });
    }

    // ---- changes --------------------------------------------------------------------------------------------------

    private void change() {
        SimulatedNode asked = leaderOrAnybody();
        RaftStatus status = asked.view().status();
        if (status == null) {
            return;
        }
        Membership membership = status.membership();
        List<Step> steps = new ArrayList<>();
        int count = random.chance(0.7) ? 1 : 1 + random.below(3);
        for (int i = 0; i < count; i++) {
            Step step = step(membership);
            if (step != null) {
                steps.add(step);
            }
        }
        if (!steps.isEmpty()) {
            ask(asked, new MembershipChange(steps, random.chance(plan.forces())));
        }
    }

    private @Nullable Step step(Membership membership) {
        NodeView node = cluster.node(random.below(world.nodeCount()));
        if (random.chance(plan.aimsAtLeader()) && membership.voters().size() > 1) {
            node = cluster.nodes().stream().filter(NodeView::leads).findFirst().orElse(node);
        }
        NodeId id = node.id();
        if (plan.priorities() && random.chance(0.2)) {
            return new MembershipChange.SetPriority(id, random.below(3));
        }
        if (membership.isLearner(id)) {
            return random.chance(0.5) ? new MembershipChange.Promote(id) : new MembershipChange.Remove(id);
        } else if (membership.isVoter(id)) {
            return random.chance(0.75) ? new MembershipChange.Remove(id) : new MembershipChange.Demote(id);
        }
        if (!makeReady(node)) {
            return null;
        }
        return random.chance(0.7)
                ? new MembershipChange.AddVoter(id, "", plan.priorities() ? random.below(3) : 0)
                : new MembershipChange.AddLearner(id, "");
    }

    /** Whoever was a member comes with an empty disk; whoever still is one, as far as anybody knows, does not come at all. */
    private boolean makeReady(NodeView node) {
        if (!unanswered.isEmpty()
                || cluster.membershipsInPlay().stream().anyMatch(membership -> membership.contains(node.id()))) {
            return false;
        }
        if (!everMembers.add(node.id())) {
            world.coverage().saw(Situation.NAME_USED_AGAIN);
            wipe(world.node(node.number()));
        }
        return true;
    }

    private void transfer() {
        SimulatedNode asked = leaderOrAnybody();
        NodeId to = random.chance(0.3)
                ? null
                : cluster.node(random.below(world.nodeCount())).id();
        if (asked.view().isUp()) {
            long id = world.clients().nextId();
            unanswered.put(id, new Asked(asked, to, true, world.now()));
            asked.trace("is asked to hand leadership over to " + (to == null ? "anybody" : to) + ", request " + id);
            asked.transferLeadership(id, to);
            world.scheduler().after(MAX_TRANSFER_NANOS, () -> checkAnswered(id));
        }
    }

    private void ask(SimulatedNode asked, MembershipChange change) {
        if (asked.view().isUp()) {
            long id = world.clients().nextId();
            unanswered.put(id, new Asked(asked, null, false, world.now()));
            asked.trace("is asked for " + change + ", request " + id);
            asked.changeMembership(id, change);
        }
    }

    private SimulatedNode leaderOrAnybody() {
        if (random.chance(0.9)) {
            for (int i = 0; i < world.nodeCount(); i++) {
                if (world.node(i).view().leads()) {
                    return world.node(i);
                }
            }
        }
        return world.node(random.below(world.nodeCount()));
    }

    // ---- answers --------------------------------------------------------------------------------------------------

    void accepted(SimulatedNode node, Output.Accepted accepted) {
        answered(node, accepted.proposalId(), "accepted");
    }

    void rejected(SimulatedNode node, Output.Rejected rejected) {
        answered(node, rejected.id(), rejected.reason().name());
    }

    /** Says that the wanted member leads, so it must be a leader that this member follows. */
    void transferred(SimulatedNode node, long id, RaftStatus status) {
        Asked asked = answered(node, id, "transferred");
        world.coverage().saw(Situation.LEADERSHIP_TRANSFERRED);
        NodeId leader = status.leader();
        if (node.view().id().equals(asked.transferTo())) {
            return; // it led when it was asked
        }
        if (leader == null || (asked.transferTo() != null && !leader.equals(asked.transferTo()))) {
            throw new InvariantViolation(
                    "AnswersAreTrue",
                    node.view() + " says that transfer " + id + " to " + asked.transferTo() + " is done, but follows "
                            + leader);
        }
    }

    private Asked answered(SimulatedNode node, long id, String answer) {
        answers.answered(node.view(), id, answer);
        Asked asked = unanswered.remove(id);
        if (asked == null || asked.node() != node) {
            throw answers.unknownRequest(node.view(), id);
        }
        return asked;
    }

    /** Nobody waits for the answers of a process that died. */
    void crashed(SimulatedNode node) {
        unanswered.values().removeIf(asked -> asked.node() == node);
    }
}
