package dev.quorate.raft.membership;

import dev.quorate.raft.model.Member;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.MembershipChange;
import dev.quorate.raft.model.MembershipChange.AddLearner;
import dev.quorate.raft.model.MembershipChange.AddVoter;
import dev.quorate.raft.model.MembershipChange.Demote;
import dev.quorate.raft.model.MembershipChange.Promote;
import dev.quorate.raft.model.MembershipChange.Remove;
import dev.quorate.raft.model.MembershipChange.SetAddress;
import dev.quorate.raft.model.MembershipChange.SetPriority;
import dev.quorate.raft.model.NodeId;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Which membership may follow which: Membership to Membership, without a leader, a log or a clock.
 *
 * <pre>
 *             request                     enterJoint                    leaveJoint
 *   voters ───────────▶ voters, and ───────────────▶ voters joint with ───────────▶ voters
 *                       votersNext   all caught up   the outgoing ones
 * </pre>
 *
 * Two memberships that follow each other have the same voters, or one of them is the other's joint form: their quorums
 * always intersect.
 */
public final class Transitions {

    private Transitions() {}

    /** A change cannot be made to this membership. */
    public static final class Impossible extends Exception {
        private static final long serialVersionUID = 1L;

        private final Fault fault;

        Impossible(Fault fault) {
            super(fault.name(), null, false, false);
            this.fault = fault;
        }

        public Fault fault() {
            return fault;
        }
    }

    /** What is wrong with a change. */
    public enum Fault {
        /** Who is to be added belongs to the group. */
        ALREADY_A_MEMBER,
        /** Who is to be changed or removed does not. */
        NOT_A_MEMBER,
        /** Who is to be promoted votes already. */
        NOT_A_LEARNER,
        /** Who is to be demoted does not vote. */
        NOT_A_VOTER,
        /** Nobody would vote any more. */
        NO_VOTER_LEFT,
        /** All is like that already. */
        NOTHING_TO_CHANGE,
        /** More members than a membership can have. */
        TOO_MANY_MEMBERS
    }

    /**
     * What the change asks for: the same voters as now, {@link Membership#votersNext} if others should vote, and all that
     * needs no quorum's consent done at once.
     *
     * @param now a membership that is not joint
     * @throws Impossible if the change does not fit
     */
    public static Membership request(Membership now, MembershipChange change) throws Impossible {
        if (now.isJoint()) {
            throw new IllegalArgumentException("a joint membership is left before the next change: " + now);
        }
        Draft draft = new Draft(now);
        if (draft.votersNext.isEmpty()) {
            draft.votersNext.addAll(now.voters());
        }
        for (MembershipChange.Step step : change.steps()) {
            apply(draft, step);
        }
        if (draft.votersNext.isEmpty()) {
            throw new Impossible(Fault.NO_VOTER_LEFT);
        }
        draft.forgetTargetIfReached();
        if (draft.learners.size() + draft.voters.size() > Membership.MAX_MEMBERS) {
            throw new Impossible(Fault.TOO_MANY_MEMBERS);
        }
        Membership next = draft.toMembership();
        if (next.equals(now)) {
            throw new Impossible(Fault.NOTHING_TO_CHANGE);
        }
        return next;
    }

    private static void apply(Draft draft, MembershipChange.Step step) throws Impossible {
        NodeId id = step.member();
        boolean isNew = step instanceof AddVoter || step instanceof AddLearner;
        require(isNew != draft.contains(id), isNew ? Fault.ALREADY_A_MEMBER : Fault.NOT_A_MEMBER);
        if (step instanceof AddVoter add) {
            draft.learners.add(id);
            draft.votersNext.add(id);
            draft.members.put(id, Member.at(add.address()).withPriority(add.priority()));
        } else if (step instanceof AddLearner add) {
            draft.learners.add(id);
            draft.members.put(id, Member.at(add.address()));
        } else if (step instanceof Promote) {
            require(draft.learners.contains(id), Fault.NOT_A_LEARNER);
            draft.votersNext.add(id);
        } else if (step instanceof Demote) {
            require(draft.voters.contains(id) && draft.votersNext.remove(id), Fault.NOT_A_VOTER);
            draft.learnersNext.add(id);
        } else if (step instanceof Remove) {
            draft.votersNext.remove(id);
            draft.learnersNext.remove(id);
            if (draft.learners.remove(id)) {
                draft.forget(id);
            }
        } else if (step instanceof SetAddress set) {
            draft.members.merge(id, Member.at(set.address()), (old, given) -> old.withAddress(given.address()));
        } else if (step instanceof SetPriority set) {
            Member member = draft.members.getOrDefault(id, Member.UNKNOWN);
            draft.members.put(id, member.withPriority(set.priority()));
        }
    }

    private static void require(boolean condition, Fault fault) throws Impossible {
        if (!condition) {
            throw new Impossible(fault);
        }
    }

    /**
     * The old voters and the new ones together (Raft paper §6, C-old,new).
     *
     * @param now a membership with {@link Membership#votersNext}, and not joint
     */
    public static Membership enterJoint(Membership now) {
        if (now.isJoint() || now.votersNext().isEmpty()) {
            throw new IllegalArgumentException("no other voters are waiting: " + now);
        }
        Draft draft = new Draft(now);
        draft.outgoing.addAll(now.voters());
        draft.voters.clear();
        draft.voters.addAll(now.votersNext());
        draft.learners.removeAll(now.votersNext());
        draft.votersNext.clear();
        return draft.toMembership();
    }

    /**
     * Like {@link #enterJoint}, for those voters only that leave between two requests: whoever waits for a learner to catch
     * up goes on waiting. Without this, a dead member could not be removed while a new one that never comes is awaited.
     *
     * @param before what was in force when {@code now} was requested
     * @param now what {@link #request} made of it
     */
    public static Membership enterJointForLeavers(Membership before, Membership now) {
        SortedSet<NodeId> leavers = leavers(before, now);
        Draft draft = new Draft(now);
        draft.outgoing.addAll(now.voters());
        draft.voters.removeAll(leavers);
        return draft.toMembership();
    }

    /** Voters that were to stay and are to leave now. */
    public static SortedSet<NodeId> leavers(Membership before, Membership now) {
        TreeSet<NodeId> leavers = new TreeSet<>(before.votersNext().isEmpty() ? before.voters() : before.votersNext());
        leavers.retainAll(before.voters());
        leavers.removeAll(now.votersNext().isEmpty() ? now.voters() : now.votersNext());
        return leavers;
    }

    /** The new voters alone (C-new): whoever is in neither half any more leaves the group. */
    public static Membership leaveJoint(Membership now) {
        if (!now.isJoint()) {
            throw new IllegalArgumentException("not joint: " + now);
        }
        Draft draft = new Draft(now);
        draft.outgoing.clear();
        draft.learners.addAll(now.learnersNext());
        draft.learnersNext.clear();
        draft.forgetTargetIfReached();
        for (NodeId id : now.all()) {
            if (!draft.contains(id)) {
                draft.forget(id);
            }
        }
        return draft.toMembership();
    }

    /** The same with these identities written down, where none is yet. */
    public static Membership identified(Membership now, Map<NodeId, Long> identities) {
        Draft draft = new Draft(now);
        identities.forEach((id, identity) -> {
            Member member = now.member(id);
            if (now.contains(id) && member.identity() == 0) {
                draft.members.put(id, member.withIdentity(identity));
            }
        });
        return draft.toMembership();
    }

    /** Who is to become a voter and receives the log as a learner until it has caught up. */
    public static SortedSet<NodeId> joining(Membership now) {
        TreeSet<NodeId> joining = new TreeSet<>(now.votersNext());
        joining.removeAll(now.voters());
        return joining;
    }
}
