package dev.quorate.raft.quorum;

import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.NodeId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What a quorum is, by its definition, found by trying every set of members. For tests: the time doubles with each member. */
public final class Subsets {

    private Subsets() {}

    /** All subsets, the empty one first. */
    public static List<Set<NodeId>> of(Collection<NodeId> members) {
        List<Set<NodeId>> all = new ArrayList<>(List.of(Set.of()));
        for (NodeId member : members) {
            for (Set<NodeId> without : List.copyOf(all)) {
                Set<NodeId> with = new TreeSet<>(without);
                with.add(member);
                all.add(with);
            }
        }
        return all;
    }

    /** The sets of voters that may decide: more than half of the voters and, in a joint membership, of the outgoing ones. */
    public static List<Set<NodeId>> quorums(Membership membership) {
        TreeSet<NodeId> voters = new TreeSet<>(membership.voters());
        voters.addAll(membership.outgoing());
        return of(voters).stream().filter(set -> decides(membership, set)).toList();
    }

    private static boolean decides(Membership membership, Set<NodeId> set) {
        return isMajority(membership.voters(), set) && isMajority(membership.outgoing(), set);
    }

    private static boolean isMajority(Set<NodeId> half, Set<NodeId> set) {
        return half.isEmpty() || 2 * half.stream().filter(set::contains).count() > half.size();
    }
}
