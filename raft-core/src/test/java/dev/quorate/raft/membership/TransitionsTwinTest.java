package dev.quorate.raft.membership;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.MembershipChange;
import dev.quorate.raft.model.MembershipChange.AddLearner;
import dev.quorate.raft.model.MembershipChange.AddVoter;
import dev.quorate.raft.model.MembershipChange.Demote;
import dev.quorate.raft.model.MembershipChange.Promote;
import dev.quorate.raft.model.MembershipChange.Remove;
import dev.quorate.raft.model.MembershipChange.SetPriority;
import dev.quorate.raft.model.MembershipChange.Step;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.quorum.Subsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Chains of changes, against a naive twin that knows only who should be what in the end. */
class TransitionsTwinTest {

    private static final List<NodeId> IDS =
            IntStream.rangeClosed(1, 6).mapToObj(i -> NodeId.of("n" + i)).toList();

    enum Rank {
        VOTER,
        LEARNER
    }

    @Property(tries = 2_000)
    void aChainOfChangesEndsWhereTheTwinSaysAndItsQuorumsAlwaysMeet(@ForAll("chains") List<List<Step>> chain) {
        Membership now = Membership.of(IDS.subList(0, 3));
        Map<NodeId, Rank> twin = new TreeMap<>();
        IDS.subList(0, 3).forEach(id -> twin.put(id, Rank.VOTER));
        for (List<Step> steps : chain) {
            Map<NodeId, Rank> wanted = new TreeMap<>(twin);
            boolean fits =
                    steps.stream().allMatch(step -> step(wanted, twin, step)) && wanted.containsValue(Rank.VOTER);
            Membership next;
            try {
                next = Transitions.request(now, new MembershipChange(steps, false));
            } catch (Transitions.Impossible e) {
                assertTrue(!fits || e.fault() == Transitions.Fault.NOTHING_TO_CHANGE, () -> now(steps) + e.fault());
                continue;
            }
            assertTrue(fits, () -> now(steps));
            now = follow(now, next);
            twin.clear();
            twin.putAll(wanted);
            assertEquals(with(twin, Rank.VOTER), now.voters());
            assertEquals(with(twin, Rank.LEARNER), now.learners());
        }
    }

    private static String now(List<Step> steps) {
        return steps + ": ";
    }

    /** Every step of the way to a plain membership. */
    private static Membership follow(Membership from, Membership requested) {
        Membership now = checked(from, requested);
        int leavers = Transitions.leavers(from, requested).size();
        if (leavers > 0
                && leavers < requested.voters().size()
                && requested.learnersNext().isEmpty()) {
            // Another way: those who leave need not wait for those who come.
            Membership sooner = checked(now, Transitions.enterJointForLeavers(from, requested));
            assertEquals(requested.votersNext(), followed(checked(sooner, Transitions.leaveJoint(sooner))));
        }
        if (!now.votersNext().isEmpty()) {
            now = checked(now, Transitions.enterJoint(now));
            now = checked(now, Transitions.leaveJoint(now));
        }
        assertFalse(now.isJoint());
        assertTrue(now.votersNext().isEmpty());
        return now;
    }

    /** Who votes in the end. */
    private static SortedSet<NodeId> followed(Membership now) {
        return now.votersNext().isEmpty() ? now.voters() : now.votersNext();
    }

    /** Any two quorums meet, whoever makes them up; and what is decoded is what was encoded. */
    private static Membership checked(Membership from, Membership to) {
        for (Set<NodeId> before : Subsets.quorums(from)) {
            for (Set<NodeId> after : Subsets.quorums(to)) {
                assertFalse(Collections.disjoint(before, after), () -> from + " -> " + to);
            }
        }
        assertEquals(to, Membership.decode(to.encode()));
        return to;
    }

    /** The definition, word by word. False if the step does not fit. */
    private static boolean step(Map<NodeId, Rank> twin, Map<NodeId, Rank> before, Step step) {
        NodeId id = step.member();
        Rank rank = twin.get(id);
        if (step instanceof AddVoter || step instanceof AddLearner) {
            // Who leaves with this very change is still there, and cannot come back with it.
            if (rank != null || before.get(id) == Rank.VOTER) {
                return false;
            }
            twin.put(id, step instanceof AddVoter ? Rank.VOTER : Rank.LEARNER);
        } else if (step instanceof Promote) {
            // A voter that is demoted by the same change is no learner yet.
            if (rank == null || before.get(id) == Rank.VOTER) {
                return false;
            }
            twin.put(id, Rank.VOTER);
        } else if (step instanceof Demote) {
            if (rank != Rank.VOTER || before.get(id) != Rank.VOTER) {
                return false;
            }
            twin.put(id, Rank.LEARNER);
        } else if (step instanceof Remove) {
            if (rank == null && before.get(id) != Rank.VOTER) {
                return false;
            }
            twin.remove(id);
        } else {
            return rank != null || before.get(id) == Rank.VOTER;
        }
        return true;
    }

    private static SortedSet<NodeId> with(Map<NodeId, Rank> twin, Rank rank) {
        TreeSet<NodeId> ids = new TreeSet<>();
        twin.forEach((id, its) -> {
            if (its == rank) {
                ids.add(id);
            }
        });
        return ids;
    }

    @Provide
    Arbitrary<List<List<Step>>> chains() {
        Arbitrary<Step> step = Combinators.combine(
                        Arbitraries.of(IDS), Arbitraries.integers().between(0, 6))
                .as((id, kind) -> switch (kind) {
                    case 0 -> new AddVoter(id, "at " + id);
                    case 1 -> new AddLearner(id, "at " + id);
                    case 2 -> new Promote(id);
                    case 3 -> new Demote(id);
                    case 4 -> new SetPriority(id, 1);
                    default -> new Remove(id);
                });
        return step.list().ofMinSize(1).ofMaxSize(3).list().ofMaxSize(12).map(ArrayList::new);
    }
}
