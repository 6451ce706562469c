package dev.quorate.raft.membership;

import dev.quorate.raft.model.Member;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/** A membership in the making. */
final class Draft {

    final TreeSet<NodeId> voters;
    final TreeSet<NodeId> outgoing;
    final TreeSet<NodeId> learners;
    final TreeSet<NodeId> learnersNext;
    final TreeSet<NodeId> votersNext;
    final TreeMap<NodeId, Member> members;
    private final List<Long> retired;

    Draft(Membership from) {
        voters = new TreeSet<>(from.voters());
        outgoing = new TreeSet<>(from.outgoing());
        learners = new TreeSet<>(from.learners());
        learnersNext = new TreeSet<>(from.learnersNext());
        votersNext = new TreeSet<>(from.votersNext());
        members = new TreeMap<>(from.members());
        retired = new ArrayList<>(from.retired());
    }

    boolean contains(NodeId id) {
        return voters.contains(id) || outgoing.contains(id) || learners.contains(id);
    }

    /** Nobody waits any more if the voters are those that were wanted. */
    void forgetTargetIfReached() {
        if (votersNext.equals(voters)) {
            votersNext.clear();
        }
    }

    /** A member is gone, and what carries its identity with it. */
    void forget(NodeId id) {
        Member gone = members.remove(id);
        if (gone != null && gone.identity() != 0) {
            retired.add(gone.identity());
        }
    }

    Membership toMembership() {
        return new Membership(voters, outgoing, learners, learnersNext, votersNext, members, retired);
    }
}
