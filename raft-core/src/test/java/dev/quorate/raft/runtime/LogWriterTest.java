package dev.quorate.raft.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.Persist;
import dev.quorate.raft.WriteMark;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.Recovered;
import dev.quorate.raft.model.SnapshotMeta;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Group commit, and the order of durability: nothing leaves before the write that it speaks of. */
final class LogWriterTest {

    private static final NodeId ME = NodeId.of("me");
    private static final NodeId PEER = NodeId.of("peer");

    private final List<String> happened = new CopyOnWriteArrayList<>();
    private final List<String> fenced = new CopyOnWriteArrayList<>();
    private final Semaphore syncs = new Semaphore(0);
    private final Mailbox mailbox = new Mailbox(1);
    private final SlowDisk disk = new SlowDisk();
    private final LogWriter writer =
            new LogWriter(disk, new Wire(), mailbox, (what, cause) -> fenced.add(what + ": " + cause.getMessage()));
    private final Thread thread = new Thread(writer, "log-writer-test");

    @BeforeEach
    void start() {
        thread.start();
    }

    @AfterEach
    void stop() throws InterruptedException {
        syncs.release(1_000);
        writer.halt();
        thread.join(10_000);
    }

    @Test
    void whatWaitsDuringOneSyncSharesTheNext() {
        writer.write(entry(1));
        Await.until("the first write to begin", () -> happened.equals(List.of("write [1]")));
        writer.write(entry(2));
        writer.write(entry(3));
        writer.write(entry(4));

        syncs.release(2);

        Await.until("everything to be durable", () -> new WriteMark(4, 4).equals(mailbox.takePersisted()));
        assertEquals(List.of("write [1]", "send [1]", "write [2, 3, 4]", "send [2, 3, 4]"), happened);
    }

    @Test
    void nothingLeavesWhileTheDiskIsStillWriting() {
        writer.write(entry(1));
        writer.write(new Persist(null, List.of(), null, null, new WriteMark(2, 1), List.of(ack(99))));
        Await.until("the write to begin", () -> !happened.isEmpty());

        assertTrue(happened.stream().noneMatch(each -> each.startsWith("send")), happened::toString);
        assertNull(mailbox.takePersisted());

        syncs.release(1);
        Await.until("both to be done", () -> new WriteMark(2, 1).equals(mailbox.takePersisted()));
        assertTrue(happened.contains("write [1]"), happened::toString);
        assertEquals(
                List.of(1L, 99L),
                disk.unlocked,
                "the second one writes nothing, costs no sync and still keeps its place");
        assertEquals(1, disk.writes.get());
    }

    @Test
    void behindADiskThatHangsMessagesAreLostBeforeTheyFillTheMemory() {
        int messages = 3 * LogWriter.MAX_WAITING_MESSAGES;
        writer.write(entry(1));
        Await.until("the write to begin", () -> !happened.isEmpty());
        for (int i = 0; i < messages; i++) {
            writer.write(new Persist(null, List.of(), null, null, new WriteMark(2 + i, 1), List.of(ack(100 + i))));
        }

        syncs.release(1);

        Await.until(
                "even the last one, which was lost, to be done",
                () -> new WriteMark(1 + messages, 1).equals(mailbox.takePersisted()));
        assertEquals(1 + LogWriter.MAX_WAITING_MESSAGES, disk.unlocked.size());
        writer.write(new Persist(null, List.of(), null, null, new WriteMark(2 + messages, 1), List.of(ack(99))));
        Await.until("the next one to leave", () -> disk.unlocked.contains(99L));
    }

    @Test
    void afterAFailedWriteNothingIsSentReportedOrTriedAgain() throws InterruptedException {
        disk.broken = true;
        syncs.release(100);
        writer.write(entry(1));
        writer.write(entry(2));
        thread.join(10_000);
        writer.write(entry(3));

        assertEquals(List.of("writing the log failed: input/output error"), fenced);
        assertNull(mailbox.takePersisted());
        assertEquals(1, disk.writes.get());
        assertTrue(disk.unlocked.isEmpty());
    }

    @Test
    void whatComesAfterWritesWaitsForThem() throws InterruptedException {
        CountDownLatch ran = new CountDownLatch(1);
        writer.write(entry(1));
        writer.then(() -> {
            happened.add("then");
            ran.countDown();
        });
        syncs.release(1);

        assertTrue(ran.await(10, java.util.concurrent.TimeUnit.SECONDS));
        assertEquals(List.of("write [1]", "send [1]", "then"), happened);
    }

    @Test
    void anOrderlyEndWritesWhatWaits() throws InterruptedException {
        writer.write(entry(1));
        Await.until("the first write to begin", () -> !happened.isEmpty());
        writer.write(entry(2));
        writer.finish();
        syncs.release(2);
        thread.join(10_000);

        assertEquals(List.of(1L, 2L), disk.unlocked);
        assertNotNull(mailbox.takePersisted());
    }

    private static Persist entry(long index) {
        Entry entry = Entry.command(index, 1, new byte[0]);
        return new Persist(null, List.of(entry), null, null, new WriteMark(index, index), List.of(ack(index)));
    }

    private static Message ack(long index) {
        return new Message.AppendEntriesAccepted(ME, PEER, 1, index);
    }

    /** A disk whose syncs end when the test says so. */
    private final class SlowDisk implements DurableLog {
        final List<Long> unlocked = new CopyOnWriteArrayList<>();
        final AtomicInteger writes = new AtomicInteger();
        volatile boolean broken;

        @Override
        public Recovered recover(Membership initial) {
            throw new AssertionError("a log writer does not recover the log");
        }

        @Override
        public void write(List<Persist> batch) throws IOException {
            writes.incrementAndGet();
            happened.add(
                    "write " + batch.stream().map(each -> each.mark().number()).toList());
            syncs.acquireUninterruptibly();
            if (broken) {
                throw new IOException("input/output error");
            }
        }

        @Override
        public List<Entry> read(long fromIndex, long toIndex, long maxBytes) {
            throw new AssertionError("a log writer reads nothing");
        }

        @Override
        public void close() {}
    }

    private final class Wire implements Transport {
        @Override
        public void start(Listener listener) {}

        @Override
        public void setPeers(Map<NodeId, String> addresses) {}

        @Override
        public void send(List<Message> messages) {
            List<Long> acknowledged = messages.stream()
                    .map(each -> ((Message.AppendEntriesAccepted) each).matchIndex())
                    .toList();
            happened.add("send " + acknowledged);
            disk.unlocked.addAll(acknowledged);
        }

        @Override
        public CompletableFuture<Void> fetchSnapshot(NodeId from, SnapshotMeta snapshot, SnapshotReceiver receiver) {
            throw new AssertionError("a log writer fetches no snapshot");
        }

        @Override
        public void close() {}
    }
}
