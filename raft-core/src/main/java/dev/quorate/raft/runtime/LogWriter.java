package dev.quorate.raft.runtime;

import dev.quorate.raft.Persist;
import dev.quorate.raft.WriteMark;
import dev.quorate.raft.model.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The log thread. All writes that wait become one call of {@link DurableLog#write}, which is one sync (group commit). What
 * a write unlocks is sent from here, the moment it may leave.
 *
 * <p>A write that failed has an unknown outcome: nothing is sent, nothing is acknowledged, nothing is tried again; the node
 * stops.
 */
final class LogWriter implements Runnable {

    private sealed interface Step {}

    private record Write(Persist persist) implements Step {}

    private record Then(Runnable action) implements Step {}

    private final DurableLog log;
    private final Transport transport;
    private final Mailbox mailbox;
    private final Fence fence;
    /**
     * Messages that only wait for the writes before them, such as answers to heartbeats: no leader waits with those, so behind a
     * disk that hangs for hours they would fill the memory. What is beyond is lost, as on a network.
     */
    static final int MAX_WAITING_MESSAGES = 4_096;

    /** Writes in it are bounded by the core: a leader's uncommitted bytes, and a follower's leader waits for its answers. */
    private final Lane<Step> lane = new Lane<>();

    private final AtomicInteger waitingMessages = new AtomicInteger();
    /** The mark of what was lost last: done when everything that was handed over before it is. */
    private volatile @Nullable WriteMark lost;

    private long reportedNumber; // the log thread's

    private volatile boolean halted;

    LogWriter(DurableLog log, Transport transport, Mailbox mailbox, Fence fence) {
        this.log = log;
        this.transport = transport;
        this.mailbox = mailbox;
        this.fence = fence;
    }

    /** The raft thread. */
    void write(Persist persist) {
        if (persist.writesNothing()) {
            int messages = persist.unlocks().size();
            if (waitingMessages.addAndGet(messages) > MAX_WAITING_MESSAGES) {
                waitingMessages.addAndGet(-messages);
                lost = persist.mark();
                return;
            }
        }
        lane.put(new Write(persist));
    }

    /** Runs something short when everything that was handed over before is durable; never, if that fails. The raft thread. */
    void then(Runnable action) {
        lane.put(new Then(action));
    }

    /** Ends after what waits is written. */
    void finish() {
        lane.close();
    }

    /** Ends without another write, and without another message once the running write is done. */
    void halt() {
        halted = true;
        lane.close();
    }

    @Override
    public void run() {
        try {
            List<Persist> batch = new ArrayList<>();
            while (!halted) {
                WriteMark lostBefore =
                        lost; // all that was handed over before it is taken when the lane is found empty below
                Step step = lane.poll();
                if (step instanceof Write write) {
                    batch.add(write.persist());
                    continue;
                }
                // Nothing more waits, or something waits for the writes.
                boolean worked = !batch.isEmpty() || step != null;
                if (!batch.isEmpty()) {
                    write(batch);
                    batch.clear();
                }
                if (step instanceof Then then && !halted) {
                    then.action().run();
                }
                if (step == null && lostBefore != null && !halted) {
                    report(lostBefore);
                }
                if (!worked && lane.isClosed()) {
                    return;
                } else if (!worked) {
                    lane.await();
                }
            }
        } catch (Throwable e) {
            fence.stopNode("writing the log failed", e);
        }
    }

    private void write(List<Persist> batch) throws Exception {
        List<Persist> writes = new ArrayList<>(batch.size());
        List<Message> unlocked = new ArrayList<>();
        for (Persist persist : batch) {
            if (persist.writesNothing()) {
                waitingMessages.addAndGet(-persist.unlocks().size());
            } else {
                writes.add(persist);
            }
            unlocked.addAll(persist.unlocks());
        }
        if (!writes.isEmpty()) {
            log.write(writes);
        }
        if (halted) {
            return;
        }
        if (!unlocked.isEmpty()) {
            transport.send(unlocked);
        }
        report(batch.get(batch.size() - 1).mark());
    }

    /** Never an older one after a newer one: the mailbox keeps the last. */
    private void report(WriteMark mark) {
        if (mark.number() > reportedNumber) {
            reportedNumber = mark.number();
            mailbox.persisted(mark);
        }
    }
}
