package dev.quorate.raft.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** A membership is data: it survives the way through bytes, and rubbish is refused without harm. */
class MembershipTest {

    @Property(tries = 200)
    void decodeReadsWhatEncodeWrote(@ForAll long seed) {
        Membership membership = random(new Random(seed));

        assertEquals(membership, Membership.decode(membership.encode()));
    }

    @Property(tries = 200)
    void bytesThatAreCutShortOrHaveAStrayTailAreNoMembership(@ForAll long seed) {
        byte[] bytes = random(new Random(seed)).encode();

        for (int length = 0; length < bytes.length; length++) {
            assertFalse(Membership.isDecodable(Arrays.copyOf(bytes, length)), length + " of " + bytes.length);
        }
        assertFalse(Membership.isDecodable(Arrays.copyOf(bytes, bytes.length + 1)));
    }

    @Property(tries = 2_000)
    void rubbishIsRefusedWithAnArgumentErrorOnly(@ForAll byte[] bytes) {
        if (Membership.isDecodable(bytes)) {
            Membership.decode(bytes);
        } else {
            assertThrows(IllegalArgumentException.class, () -> Membership.decode(bytes));
        }
    }

    @Property(tries = 500)
    void aDamagedByteYieldsAnotherMembershipOrAnArgumentError(@ForAll long seed) {
        Random random = new Random(seed);
        byte[] bytes = random(random).encode();
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 + random.nextInt(255));

        if (Membership.isDecodable(bytes)) {
            Membership.decode(bytes);
        }
    }

    @Test
    void aMembershipIsReadAsAPersonWritesIt() {
        Membership membership = Membership.parse("n2=b:7001,n1=a:7001");

        assertEquals(Membership.of(Map.of(NodeId.of("n1"), "a:7001", NodeId.of("n2"), "b:7001")), membership);
        assertEquals("b:7001", membership.address(NodeId.of("n2")));
        assertThrows(IllegalArgumentException.class, () -> membership.address(NodeId.of("n3")));
        for (String wrong : List.of("", "n1", "n1=", "=a:1", "n1=a:1,", "n1=a:1,n1=b:1", "n 1=a:1")) {
            assertThrows(IllegalArgumentException.class, () -> Membership.parse(wrong), wrong);
        }
    }

    @Test
    void nobodyIsVoterAndLearnerAtOnce() {
        assertThrows(
                IllegalArgumentException.class, () -> membership(List.of("a"), List.of(), List.of("a"), List.of()));
        assertThrows(
                IllegalArgumentException.class, () -> membership(List.of("a"), List.of("b"), List.of("b"), List.of()));
    }

    @Test
    void onlyALeavingVoterBecomesALearnerNext() {
        assertThrows(
                IllegalArgumentException.class, () -> membership(List.of("a"), List.of(), List.of(), List.of("b")));
        assertThrows(
                IllegalArgumentException.class, () -> membership(List.of("a"), List.of("a"), List.of(), List.of("a")));
        assertTrue(membership(List.of("a"), List.of("a", "b"), List.of(), List.of("b"))
                .isJoint());
    }

    @Test
    void learnersBelongToTheGroupAndAreNoVoters() {
        Membership membership = membership(List.of("a"), List.of(), List.of("b"), List.of());

        assertTrue(membership.contains(NodeId.of("b")));
        assertTrue(membership.isLearner(NodeId.of("b")));
        assertFalse(membership.isVoter(NodeId.of("b")));
        assertEquals(ids(List.of("a", "b")), membership.all());
    }

    @Test
    void moreMembersThanDecodeWouldReadCannotBeMadeAtAll() {
        List<NodeId> many = IntStream.rangeClosed(0, Membership.MAX_MEMBERS)
                .mapToObj(i -> NodeId.of("n" + i))
                .toList();

        assertThrows(IllegalArgumentException.class, () -> Membership.of(many));
        assertTrue(Membership.isDecodable(
                Membership.of(many.subList(1, many.size())).encode()));
    }

    @Test
    void anAddressThatIsTooLongCannotBeMadeAtAll() {
        String longest = "x".repeat(Member.MAX_ADDRESS_LENGTH);

        assertTrue(Membership.isDecodable(
                Membership.of(java.util.Map.of(NodeId.of("n"), longest)).encode()));
        assertThrows(
                IllegalArgumentException.class, () -> Membership.of(java.util.Map.of(NodeId.of("n"), longest + "x")));
    }

    private static Membership random(Random random) {
        TreeSet<NodeId> voters = new TreeSet<>();
        TreeSet<NodeId> outgoing = new TreeSet<>();
        TreeSet<NodeId> learners = new TreeSet<>();
        TreeSet<NodeId> learnersNext = new TreeSet<>();
        TreeMap<NodeId, String> addresses = new TreeMap<>();
        for (int i = 0; i < random.nextInt(9); i++) {
            NodeId id = NodeId.of("n" + i);
            switch (random.nextInt(5)) {
                case 0 -> voters.add(id);
                case 1 -> outgoing.add(id);
                case 2 -> learners.add(id);
                case 3 -> {
                    voters.add(id);
                    outgoing.add(id);
                }
                default -> {
                    outgoing.add(id);
                    learnersNext.add(id);
                }
            }
            if (random.nextBoolean()) {
                addresses.put(id, "höst-" + i + ":" + random.nextInt(65_536));
            }
        }
        return new Membership(voters, outgoing, learners, learnersNext, addresses);
    }

    private static Membership membership(
            Collection<String> voters,
            Collection<String> outgoing,
            Collection<String> learners,
            Collection<String> learnersNext) {
        return new Membership(ids(voters), ids(outgoing), ids(learners), ids(learnersNext), new TreeMap<>());
    }

    private static SortedSet<NodeId> ids(Collection<String> names) {
        TreeSet<NodeId> ids = new TreeSet<>();
        names.forEach(name -> ids.add(NodeId.of(name)));
        return ids;
    }
}
