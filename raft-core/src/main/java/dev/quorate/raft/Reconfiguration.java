package dev.quorate.raft;

import dev.quorate.raft.membership.CatchUp;
import dev.quorate.raft.membership.Transitions;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.MembershipChange;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.quorum.JointConfig;
import dev.quorate.raft.quorum.VoteResult;
import dev.quorate.raft.tracker.Progress;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The leader's side of membership changes: takes one in, and takes every next step by itself as soon as the one before is
 * committed. All it knows is in the log, so that the next leader goes on where this one stopped.
 */
final class Reconfiguration {

    private final Raft raft;
    private final Replication replication;
    private final Map<NodeId, CatchUp> catchingUp = new TreeMap<>();
    /** Which disk answered first in this leadership, where the membership does not say: no other one counts under that name. */
    private final Map<NodeId, Long> identities = new TreeMap<>();
    /** False while nothing can need a next step: no batch pays for what is not going on. */
    private boolean isWatching = true;

    private boolean isLeaderVoter = true;

    Reconfiguration(Raft raft, Replication replication) {
        this.raft = raft;
        this.replication = replication;
        membershipChanged();
    }

    void membershipChanged() {
        Membership now = raft.membership();
        catchingUp.keySet().retainAll(now.learners());
        for (NodeId learner : now.learners()) {
            catchingUp.computeIfAbsent(
                    learner,
                    id -> new CatchUp(
                            raft.log().lastIndex(), raft.now(), raft.config().electionTimeoutNanos()));
        }
        identities.keySet().removeIf(id -> !now.contains(id));
        if (raft.config().identity() != 0 && now.contains(raft.id())) {
            identities.put(raft.id(), raft.config().identity());
        }
        isWatching = true;
        isLeaderVoter = now.isVoter(raft.id());
    }

    /** A member speaks from this disk. False if another one spoke under its name before. */
    boolean isFirstLife(NodeId member, long identity) {
        if (!raft.membership().contains(member)) {
            return true;
        }
        Long first = identities.putIfAbsent(member, identity);
        isWatching |= first == null;
        return first == null || first == identity;
    }

    /**
     * Takes in a change, or says why not.
     *
     * @return null if its first entry was appended
     */
    Output.@Nullable Reason change(MembershipChange change) {
        if (!isReady()) {
            return Output.Reason.LEADER_NOT_READY;
        }
        if (isInFlight()) {
            return Output.Reason.CHANGE_IN_FLIGHT;
        }
        Membership now = raft.membership();
        for (MembershipChange.Step step : change.steps()) {
            if (step instanceof MembershipChange.Promote promote && isBehind(promote.member())) {
                return Output.Reason.NOT_CAUGHT_UP;
            }
        }
        Membership next;
        try {
            next = firstStep(now, Transitions.request(now, change));
        } catch (Transitions.Impossible e) {
            return reason(e.fault());
        }
        if (!change.forced() && next.isJoint() && !(hasLiveQuorum(next) && canElect(next))) {
            return Output.Reason.WOULD_LOSE_QUORUM;
        }
        append(next);
        return null;
    }

    /** Whoever only leaves does so at once; whoever comes in catches up first. */
    private Membership firstStep(Membership now, Membership requested) {
        if (requested.votersNext().isEmpty()) {
            return requested;
        } else if (haveCaughtUp(requested)) {
            return Transitions.enterJoint(requested);
        }
        boolean bringsSomebody = !Transitions.joining(now).containsAll(Transitions.joining(requested));
        int leavers = Transitions.leavers(now, requested).size();
        boolean canLeaveFirst = !bringsSomebody
                && requested.learnersNext().isEmpty()
                && leavers > 0
                && leavers < requested.voters().size();
        return canLeaveFirst ? Transitions.enterJointForLeavers(now, requested) : requested;
    }

    /** Takes the next step if one is due. Once per batch, after everything that may have committed an entry. */
    void drive() {
        if (!isWatching) {
            return;
        }
        Membership now = raft.membership();
        catchingUp.forEach(
                (learner, round) -> round.observe(matchOf(learner), raft.log().lastIndex(), raft.now()));
        if (!isReady() || raft.log().commitIndex() < raft.membershipIndex()) {
            return;
        }
        if (now.isJoint()) {
            append(Transitions.leaveJoint(now));
        } else if (!now.votersNext().isEmpty() && haveCaughtUp(now) && hasLiveQuorum(Transitions.enterJoint(now))) {
            append(Transitions.enterJoint(now));
        } else if (knowsUnwrittenIdentity(now)) {
            append(identified(now));
        } else {
            isWatching = !now.learners().isEmpty();
        }
    }

    /** True if this leader is no voter any more, and the membership that says so is committed (thesis §4.2.2). */
    boolean isLeaderRemoved() {
        return !isLeaderVoter && raft.log().commitIndex() >= raft.membershipIndex();
    }

    private boolean isReady() {
        return raft.log().termAt(raft.log().commitIndex()) == raft.term();
    }

    /** Appended and not committed, or committed and still joint. Learners that catch up are no obstacle. */
    private boolean isInFlight() {
        return raft.membership().isJoint() || raft.log().commitIndex() < raft.membershipIndex();
    }

    private void append(Membership next) {
        raft.append(Entry.membership(raft.log().lastIndex() + 1, raft.term(), next));
    }

    private Membership identified(Membership membership) {
        return identities.isEmpty() ? membership : Transitions.identified(membership, identities);
    }

    private boolean knowsUnwrittenIdentity(Membership membership) {
        for (NodeId member : identities.keySet()) {
            if (membership.member(member).identity() == 0) {
                return true;
            }
        }
        return false;
    }

    private boolean haveCaughtUp(Membership membership) {
        return Transitions.joining(membership).stream().noneMatch(this::isBehind);
    }

    /**
     * True if a member cannot become a voter yet. It must hold the entry that records its disk, if disks are known: without
     * it, it would not vote, and the group may need its vote at once.
     */
    private boolean isBehind(NodeId member) {
        CatchUp round = catchingUp.get(member);
        if (round == null) {
            return !raft.membership().isVoter(member);
        }
        boolean isRecorded = raft.config().identity() == 0
                || (raft.membership().member(member).identity() != 0 && matchOf(member) >= raft.membershipIndex());
        return !(round.isCaughtUp() && isLive(member) && isRecorded);
    }

    private long matchOf(NodeId member) {
        Progress progress = replication.of(member);
        return progress == null ? 0 : progress.match();
    }

    private boolean isLive(NodeId member) {
        Progress progress = replication.of(member);
        return member.equals(raft.id())
                || (progress != null
                        && raft.now() - progress.lastContactNanos()
                                < raft.config().electionTimeoutNanos());
    }

    private boolean hasLiveQuorum(Membership membership) {
        return new JointConfig(membership).voteResult(this::isLive) == VoteResult.WON;
    }

    /** Whose log is damaged answers and acknowledges, and gives no vote: those that are left must be enough without it. */
    private boolean canElect(Membership next) {
        return new JointConfig(Membership.of(next.voters())).voteResult(member -> isLive(member) && !isDamaged(member))
                == VoteResult.WON;
    }

    private boolean isDamaged(NodeId member) {
        Progress progress = replication.of(member);
        return progress != null && progress.isDamaged(raft.now(), raft.config().electionTimeoutNanos());
    }

    private static Output.Reason reason(Transitions.Fault fault) {
        return switch (fault) {
            case ALREADY_A_MEMBER -> Output.Reason.ALREADY_A_MEMBER;
            case NOT_A_MEMBER -> Output.Reason.NOT_A_MEMBER;
            case NOT_A_LEARNER -> Output.Reason.NOT_A_LEARNER;
            case NOT_A_VOTER -> Output.Reason.NOT_A_VOTER;
            case NO_VOTER_LEFT -> Output.Reason.NO_VOTER_LEFT;
            case NOTHING_TO_CHANGE -> Output.Reason.NOTHING_TO_CHANGE;
            case TOO_MANY_MEMBERS -> Output.Reason.TOO_MANY_MEMBERS;
        };
    }
}
