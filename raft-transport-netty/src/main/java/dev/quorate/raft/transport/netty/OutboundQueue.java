package dev.quorate.raft.transport.netty;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.Message;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What waits for one peer. Any thread puts in; the peer's event loop takes out, urgent messages first.
 *
 * <p><em>Bulk</em> is what carries commands, and offers of snapshots: these keep their order among each other. Everything
 * else is <em>urgent</em>: small, and needed now. An urgent message may overtake bulk, never the other way round; so the
 * answer to a forwarded proposal comes before the entries that were sent after it.
 *
 * <p>Each of the two has a limit of its own, so that a queue full of entries does not cost the leader its heartbeats.
 */
final class OutboundQueue {

    /** How many bytes of urgent messages may wait: some 60,000 of them, which no peer that reads at all lets pile up. */
    static final long MAX_URGENT_BYTES = 4 << 20;
    /** What a message weighs beside its entries: its objects here are larger than its frame. */
    private static final long MESSAGE_BYTES = 64;

    private record Waiting(Message message, long bytes) {}

    private final long maxBulkBytes;
    private final AtomicLong bulkBytes = new AtomicLong();
    private final AtomicLong urgentBytes = new AtomicLong();
    private final Queue<Waiting> arrivals = new ConcurrentLinkedQueue<>();
    private final ArrayDeque<Waiting> urgent = new ArrayDeque<>();
    private final ArrayDeque<Waiting> bulk = new ArrayDeque<>();

    OutboundQueue(long maxBulkBytes) {
        this.maxBulkBytes = maxBulkBytes;
    }

    /**
     * Puts a message in, unless that exceeds the limit of its kind; a queue without bulk takes one bulk message of any size.
     * Any thread.
     *
     * @return false if the message was not taken
     */
    boolean offer(Message message) {
        long bytes = bytesOf(message);
        boolean isBulk = isBulk(message);
        AtomicLong counter = isBulk ? bulkBytes : urgentBytes;
        long before = counter.getAndAdd(bytes);
        if (before > 0 && before + bytes > (isBulk ? maxBulkBytes : MAX_URGENT_BYTES)) {
            counter.addAndGet(-bytes);
            return false;
        }
        arrivals.add(new Waiting(message, bytes));
        return true;
    }

    /** The next message for the peer, or null. On the event loop. */
    @Nullable
    Message poll() {
        for (Waiting arrived = arrivals.poll(); arrived != null; arrived = arrivals.poll()) {
            (isBulk(arrived.message()) ? bulk : urgent).add(arrived);
        }
        Waiting next = urgent.poll();
        if (next != null) {
            urgentBytes.addAndGet(-next.bytes());
            return next.message();
        }
        next = bulk.poll();
        if (next != null) {
            bulkBytes.addAndGet(-next.bytes());
            return next.message();
        }
        return null;
    }

    /**
     * Drops everything. On the event loop.
     *
     * @return whether there was anything
     */
    boolean clear() {
        boolean any = false;
        while (poll() != null) {
            any = true;
        }
        return any;
    }

    private static boolean isBulk(Message message) {
        return message instanceof Message.AppendEntries
                || message instanceof Message.Propose
                || message instanceof Message.InstallSnapshot;
    }

    private static long bytesOf(Message message) {
        long bytes = MESSAGE_BYTES;
        if (message instanceof Message.AppendEntries append) {
            for (Entry entry : append.entries()) {
                bytes += entry.sizeBytes();
            }
        } else if (message instanceof Message.Propose propose) {
            for (byte[] payload : propose.payloads()) {
                bytes += payload.length + Entry.OVERHEAD_BYTES;
            }
        }
        return bytes;
    }
}
