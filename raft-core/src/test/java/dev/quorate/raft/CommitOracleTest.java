package dev.quorate.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.HardState;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.Recovered;
import dev.quorate.raft.model.SnapshotMeta;
import dev.quorate.raft.quorum.JointConfig;
import dev.quorate.raft.quorum.Subsets;
import dev.quorate.raft.quorum.VoteResult;
import dev.quorate.raft.tracker.VoteTally;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

/**
 * Who decides, against an oracle that has no arithmetic: it tries every index and every set of members. Joint memberships,
 * learners, and leaders that count no more are among the cases.
 */
class CommitOracleTest {

    private static final int MEMBERS = 6;
    private static final List<NodeId> IDS =
            IntStream.rangeClosed(1, MEMBERS).mapToObj(i -> NodeId.of("n" + i)).toList();
    private static final NodeId LEADER = IDS.get(0);
    /** Entries of terms 1, 1, 2, 3, 3, then those of the leader's term, which begins at {@link #FIRST_OF_TERM}. */
    private static final long[] INHERITED_TERMS = {1, 1, 2, 3, 3};

    private static final long FIRST_OF_TERM = INHERITED_TERMS.length + 1L;
    private static final long LAST = FIRST_OF_TERM + 3;

    @Property(tries = 1_000)
    void anIndexIsCommittedIfEveryMemberOfSomeQuorumHoldsIt(
            @ForAll("memberships") Membership membership, @ForAll("indexes") List<Long> held) {
        Map<NodeId, Long> holds = new TreeMap<>();
        IDS.forEach(id -> holds.put(id, held.get(IDS.indexOf(id))));

        long actual = new JointConfig(membership).committedIndex(holds::get);

        assertEquals(largestHeld(membership, holds), actual);
    }

    @Property(tries = 1_000)
    void anElectionIsWonOrLostWhenNoAnswerThatIsMissingCanChangeIt(
            @ForAll("memberships") Membership membership, @ForAll("answers") List<Answer> answers) {
        VoteTally tally = new VoteTally();
        Map<NodeId, Boolean> first = new TreeMap<>();
        for (Answer answer : answers) {
            tally.record(answer.from(), answer.granted());
            first.putIfAbsent(answer.from(), answer.granted());
        }

        assertEquals(everyEnd(membership, first), tally.result(new JointConfig(membership)));
    }

    /** The whole leader: its own disk, late and repeated acknowledgements, and entries of earlier terms that do not count. */
    @Property(tries = 500)
    void aLeaderCommitsWhatTheOracleSaysAndNothingElse(
            @ForAll("memberships") Membership membership, @ForAll("steps") List<Step> steps) {
        Raft raft = leaderOf(membership);
        List<Persist> writes = new ArrayList<>();
        takeWrite(raft, writes);
        Map<NodeId, Long> durable = new TreeMap<>();
        durable.put(LEADER, FIRST_OF_TERM - 1);
        for (Step step : steps) {
            if (step.by().equals(LEADER)) {
                if (!writes.isEmpty()) {
                    WriteMark mark = writes.remove(0).mark();
                    raft.persisted(mark);
                    durable.merge(LEADER, mark.lastIndex(), Math::max);
                }
            } else {
                raft.receive(new Message.AppendEntriesAccepted(
                        step.by(), LEADER, raft.status().term(), step.through()));
                durable.merge(step.by(), step.through(), Math::max);
            }

            long held = largestHeld(membership, durable);
            assertEquals(held >= FIRST_OF_TERM ? held : 0, raft.status().commitIndex());
            takeWrite(raft, writes);
            if (!raft.status().membership().equals(membership)) {
                return; // it is ready, and has left the joint membership
            }
        }
    }

    // ---- the oracle -----------------------------------------------------------------------------------------------

    private static long largestHeld(Membership membership, Map<NodeId, Long> holds) {
        long largest = 0;
        for (long index = 1; index <= LAST; index++) {
            for (Set<NodeId> quorum : Subsets.quorums(membership)) {
                long candidate = index;
                if (quorum.stream().allMatch(id -> holds.getOrDefault(id, 0L) >= candidate)) {
                    largest = index;
                }
            }
        }
        return largest;
    }

    /** Every way in which the missing answers may come. */
    private static VoteResult everyEnd(Membership membership, Map<NodeId, Boolean> answers) {
        List<NodeId> missing =
                IDS.stream().filter(id -> !answers.containsKey(id)).toList();
        int won = 0;
        List<Set<NodeId>> ends = Subsets.of(missing);
        for (Set<NodeId> granting : ends) {
            Set<NodeId> granted = new TreeSet<>(granting);
            answers.forEach((id, isGranted) -> {
                if (isGranted) {
                    granted.add(id);
                }
            });
            if (Subsets.quorums(membership).stream().anyMatch(granted::containsAll)) {
                won++;
            }
        }
        return won == ends.size() ? VoteResult.WON : won == 0 ? VoteResult.LOST : VoteResult.PENDING;
    }

    // ---- the leader -----------------------------------------------------------------------------------------------

    private static Raft leaderOf(Membership membership) {
        List<Entry> entries = new ArrayList<>();
        List<Recovered.TermRun> runs = new ArrayList<>();
        for (int i = 0; i < INHERITED_TERMS.length; i++) {
            entries.add(Entry.command(i + 1, INHERITED_TERMS[i], new byte[0]));
            if (i == 0 || INHERITED_TERMS[i] != INHERITED_TERMS[i - 1]) {
                runs.add(new Recovered.TermRun(i + 1, INHERITED_TERMS[i]));
            }
        }
        SnapshotMeta base = new SnapshotMeta(EntryId.ZERO, membership);
        RaftConfig config =
                RaftConfig.builder(LEADER, 1).maxInflightBatches(100).build();
        Raft raft = new Raft(
                config, new Recovered(1, new HardState(3, null), base, runs, List.of(), entries.size(), entries), 0, 0);
        raft.tick(3 * config.electionTimeoutNanos());
        persist(raft.takeOutput(), raft);
        // In a group of one there is nobody to ask.
        if (raft.status().role() != RaftRole.LEADER) {
            long term = raft.status().term();
            IDS.forEach(id -> raft.receive(new Message.PreVoteResult(id, LEADER, term, term + 1, true)));
            persist(raft.takeOutput(), raft);
            IDS.forEach(id -> raft.receive(new Message.RequestVoteResult(id, LEADER, term + 1, true)));
        }
        assertEquals(RaftRole.LEADER, raft.status().role());
        for (long index = FIRST_OF_TERM + 1; index <= LAST; index++) {
            raft.propose(index, List.of(new byte[0]));
        }
        assertEquals(LAST, raft.status().lastIndex());
        return raft;
    }

    private static void persist(Output output, Raft raft) {
        if (output.persist() != null) {
            raft.persisted(Objects.requireNonNull(output.persist()).mark());
        }
    }

    private static void takeWrite(Raft raft, List<Persist> writes) {
        Persist persist = raft.takeOutput().persist();
        if (persist != null) {
            writes.add(persist);
        }
    }

    // ---- the cases ------------------------------------------------------------------------------------------------

    record Answer(NodeId from, boolean granted) {}

    /** A follower acknowledges, or the leader's disk completes its next write. */
    record Step(NodeId by, long through) {}

    /** Joint or not. The leader is a voter of one half at least; it may be leaving. */
    @Provide
    Arbitrary<Membership> memberships() {
        Arbitrary<Set<NodeId>> half = Arbitraries.of(IDS).set().ofMinSize(1).ofMaxSize(5);
        Arbitrary<Set<NodeId>> other = Arbitraries.of(IDS).set().ofMaxSize(5);
        return Combinators.combine(half, other, Arbitraries.of(true, false)).as((voters, outgoing, learn) -> {
            TreeSet<NodeId> all = new TreeSet<>(voters);
            all.addAll(outgoing);
            TreeSet<NodeId> incoming = new TreeSet<>(voters);
            if (!all.contains(LEADER)) {
                incoming.add(LEADER);
                all.add(LEADER);
            }
            TreeSet<NodeId> learners = new TreeSet<>();
            IDS.stream().filter(id -> learn && !all.contains(id)).forEach(learners::add);
            return new Membership(incoming, new TreeSet<>(outgoing), learners, new TreeSet<>(), new TreeMap<>());
        });
    }

    @Provide
    Arbitrary<List<Long>> indexes() {
        return Arbitraries.longs().between(0, LAST).list().ofSize(MEMBERS);
    }

    @Provide
    Arbitrary<List<Answer>> answers() {
        return Combinators.combine(Arbitraries.of(IDS), Arbitraries.of(true, false))
                .as(Answer::new)
                .list()
                .ofMaxSize(10);
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        return Combinators.combine(Arbitraries.of(IDS), Arbitraries.longs().between(1, LAST))
                .as(Step::new)
                .list()
                .ofMaxSize(25);
    }
}
