package dev.quorate.kv.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.kv.command.CommandResult;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.ReadConsistency;
import dev.quorate.raft.runtime.Installation;
import dev.quorate.raft.runtime.RaftException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Reads share rounds, and none is served by a round that began before it. */
final class ReadBatcherTest {

    private final Rounds rounds = new Rounds();
    private final ReadBatcher batcher = new ReadBatcher(rounds);

    @AfterEach
    void close() {
        batcher.close();
    }

    /** Hands out read indexes when it is told to. */
    private static final class Rounds implements Replicator {
        final List<CompletableFuture<Long>> open = new ArrayList<>();

        final List<ReadConsistency> asked = new ArrayList<>();

        @Override
        public CompletableFuture<Long> readIndex() {
            return read(ReadConsistency.LINEARIZABLE);
        }

        @Override
        public CompletableFuture<Long> read(ReadConsistency consistency) {
            asked.add(consistency);
            CompletableFuture<Long> round = new CompletableFuture<>();
            open.add(round);
            return round;
        }

        @Override
        public CompletableFuture<CommandResult> propose(byte[] command) {
            throw new AssertionError("reads do not propose");
        }

        @Override
        public CompletableFuture<dev.quorate.raft.model.Membership> changeMembership(
                dev.quorate.raft.model.MembershipChange change) {
            throw new AssertionError("reads change no membership and no leader");
        }

        @Override
        public CompletableFuture<Void> transferLeadership(dev.quorate.raft.model.NodeId to) {
            throw new AssertionError("reads change no membership and no leader");
        }

        @Override
        public boolean isLearner() {
            return false;
        }

        @Override
        public Counts counts() {
            throw new AssertionError("reads count nothing");
        }

        @Override
        public @Nullable Installation installation() {
            return null;
        }

        @Override
        public RaftStatus status() {
            throw new AssertionError("reads do not ask for the status");
        }
    }

    private static final class Read implements ReadTask {
        final CompletableFuture<String> ranOn = new CompletableFuture<>();
        final boolean isLong;

        Read(boolean isLong) {
            this.isLong = isLong;
        }

        @Override
        public boolean isLong() {
            return isLong;
        }

        @Override
        public void run() {
            ranOn.complete(Thread.currentThread().getName());
        }

        @Override
        public void fail(Throwable why) {
            ranOn.completeExceptionally(why);
        }
    }

    private Read ask() throws Exception {
        Read read = new Read(false);
        batcher.linearizable(read);
        return read;
    }

    private static void assertRan(Read read) throws Exception {
        assertTrue(read.ranOn.get(10, TimeUnit.SECONDS).startsWith(read.isLong ? "kv-scan" : "kv-read"));
    }

    @Test
    void readsThatArriveWhileRoundsAreUnderWayShareTheNextOne() throws Exception {
        Read first = ask();
        Read second = ask();
        Read third = ask();
        Read fourth = ask();
        assertEquals(2, rounds.open.size());

        rounds.open.get(0).complete(7L);

        assertRan(first);
        assertEquals(3, rounds.open.size());
        assertTrue(!second.ranOn.isDone() && !third.ranOn.isDone() && !fourth.ranOn.isDone());
        rounds.open.get(2).complete(8L);
        assertRan(third);
        assertRan(fourth);
        rounds.open.get(1).complete(7L);
        assertRan(second);
        assertEquals(3, rounds.open.size());
    }

    @Test
    void aReadAfterTheRoundsHaveEndedBeginsANewOne() throws Exception {
        Read first = ask();
        rounds.open.get(0).complete(1L);
        assertRan(first);

        Read second = ask();

        assertEquals(2, rounds.open.size());
        assertTrue(!second.ranOn.isDone());
        rounds.open.get(1).complete(1L);
        assertRan(second);
    }

    @Test
    void aRoundThatFailsFailsItsReadsAndNoOthers() throws Exception {
        Read first = ask();
        Read second = ask();
        Read third = ask();

        rounds.open.get(0).completeExceptionally(new RaftException.ReadNotConfirmed("no quorum"));

        assertInstanceOf(
                RaftException.ReadNotConfirmed.class,
                first.ranOn.handle((ran, why) -> why).get(10, TimeUnit.SECONDS));
        rounds.open.get(1).complete(1L);
        rounds.open.get(2).complete(1L);
        assertRan(second);
        assertRan(third);
    }

    @Test
    void longReadsHaveThreadsOfTheirOwn() throws Exception {
        Read quick = ask();
        Read scan = new Read(true);
        batcher.linearizable(scan);
        rounds.open.forEach(round -> round.complete(1L));
        assertRan(quick);
        assertRan(scan);
    }

    @Test
    void readsByLeaseShareWhatIsAskedAmongThemselvesOnly() throws Exception {
        Read first = new Read(false);
        Read second = new Read(false);
        Read third = new Read(false);
        Read fourth = new Read(false);
        batcher.add(ReadConsistency.LEASE, first);
        batcher.add(ReadConsistency.LEASE, second);
        batcher.add(ReadConsistency.LEASE, third);
        batcher.add(ReadConsistency.LEASE, fourth);
        batcher.add(ReadConsistency.LINEARIZABLE, new Read(false));
        assertEquals(List.of(ReadConsistency.LEASE, ReadConsistency.LEASE, ReadConsistency.LINEARIZABLE), rounds.asked);

        rounds.open.get(0).complete(1L);

        assertRan(first);
        assertEquals(4, rounds.open.size(), "the third and the fourth go together");
        rounds.open.get(3).complete(2L);
        assertRan(third);
        assertRan(fourth);
        rounds.open.get(1).complete(2L);
        assertRan(second);
    }

    @Test
    void readsOfBoundedStalenessAskEachForItself() throws Exception {
        ReadConsistency bounded = ReadConsistency.boundedStaleness(java.time.Duration.ofSeconds(1));
        Read good = new Read(false);
        Read bad = new Read(true);
        batcher.add(bounded, good);
        batcher.add(bounded, bad);
        assertEquals(List.of(bounded, bounded), rounds.asked);

        rounds.open.get(1).completeExceptionally(new IllegalStateException("no leader"));
        rounds.open.get(0).complete(1L);

        assertRan(good);
        assertTrue(bad.ranOn.isCompletedExceptionally());
        batcher.add(ReadConsistency.LOCAL, new Read(false));
        assertEquals(2, rounds.open.size(), "a local one asks nobody");
    }

    @Test
    void serializableReadsAskNobody() throws Exception {
        Read read = new Read(false);
        batcher.serializable(read);
        assertRan(read);
        assertEquals(0, rounds.open.size());
    }
}
