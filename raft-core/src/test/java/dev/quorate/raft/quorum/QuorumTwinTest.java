package dev.quorate.raft.quorum;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.NodeId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The quorum arithmetic against naive twins that follow the definition word by word. */
class QuorumTwinTest {

    record Case(Set<NodeId> incoming, Set<NodeId> outgoing, Map<NodeId, Long> acked, Map<NodeId, Boolean> votes) {
        JointConfig config() {
            return new JointConfig(new Membership(
                    new TreeSet<>(incoming),
                    new TreeSet<>(outgoing),
                    new TreeSet<>(),
                    new TreeSet<>(),
                    new TreeMap<>()));
        }
    }

    @Property(tries = 2_000)
    void committedIndexIsTheLargestThatEveryHalfHolds(@ForAll("cases") Case c) {
        long actual = c.config().committedIndex(id -> c.acked().getOrDefault(id, 0L));

        assertEquals(naiveCommitted(c), actual);
    }

    @Property(tries = 2_000)
    void anElectionIsDecidedAsSoonAsNoFurtherAnswerCanChangeIt(@ForAll("cases") Case c) {
        assertEquals(naiveVote(c), c.config().voteResult(c.votes()::get));
    }

    @Provide
    Arbitrary<Case> cases() {
        List<NodeId> ids =
                IntStream.rangeClosed(1, 7).mapToObj(i -> NodeId.of("n" + i)).toList();
        Arbitrary<Set<NodeId>> members = Arbitraries.of(ids).set().ofMaxSize(5);
        Arbitrary<Map<NodeId, Long>> acked = Arbitraries.maps(
                        Arbitraries.of(ids), Arbitraries.longs().between(0, 6))
                .ofMaxSize(7);
        Arbitrary<Map<NodeId, Boolean>> votes = Arbitraries.maps(Arbitraries.of(ids), Arbitraries.of(true, false))
                .ofMaxSize(7);
        return Combinators.combine(members, members, acked, votes)
                .as((in, out, index, vote) -> new Case(in, out, new HashMap<>(index), new HashMap<>(vote)));
    }

    private static long naiveCommitted(Case c) {
        if (c.incoming().isEmpty() && c.outgoing().isEmpty()) {
            return Long.MAX_VALUE;
        }
        long best = 0;
        for (long index = 0; index <= 6; index++) {
            long candidate = index;
            boolean everyHalf = halves(c).stream()
                    .allMatch(half -> 2
                                    * half.stream()
                                            .filter(id -> c.acked().getOrDefault(id, 0L) >= candidate)
                                            .count()
                            > half.size());
            if (everyHalf) {
                best = index;
            }
        }
        return best;
    }

    private static VoteResult naiveVote(Case c) {
        VoteResult result = VoteResult.WON;
        for (Set<NodeId> half : halves(c)) {
            long yes = half.stream()
                    .filter(id -> Boolean.TRUE.equals(c.votes().get(id)))
                    .count();
            long no = half.stream()
                    .filter(id -> Boolean.FALSE.equals(c.votes().get(id)))
                    .count();
            if (2 * (half.size() - no) <= half.size()) {
                return VoteResult.LOST;
            }
            if (2 * yes <= half.size()) {
                result = VoteResult.PENDING;
            }
        }
        return result;
    }

    private static List<Set<NodeId>> halves(Case c) {
        List<Set<NodeId>> halves = new ArrayList<>(List.of(c.incoming(), c.outgoing()));
        halves.removeIf(Set::isEmpty);
        return halves;
    }
}
