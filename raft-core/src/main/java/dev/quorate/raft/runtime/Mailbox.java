package dev.quorate.raft.runtime;

import dev.quorate.raft.Raft;
import dev.quorate.raft.WriteMark;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Everything that waits for the raft thread. Each sort has a place of its own, so that one cannot crowd out another:
 *
 * <pre>
 *   requests of the embedder   bounded; full: refused as overloaded, at once
 *   what peers say             bounded; full: dropped, as the network may do at any time
 *   the node's own answers     never dropped; the core has a bounded number of questions out
 *   the newest durable write   one place: a newer mark covers the older ones
 * </pre>
 */
final class Mailbox {

    /** Messages that wait; beyond that the raft thread is so far behind that the peers' timers repeat them anyway. */
    static final int PEER_CAPACITY = 4_096;

    /** @param senderIdentity never 0 */
    record Identified(Message message, long senderIdentity) {}

    private final MpscRing<Request> requests;
    /** A {@link Message}, or the {@link NodeId} of a peer that cannot be reached. */
    private final MpscRing<Object> fromPeers = new MpscRing<>(PEER_CAPACITY);

    private final ConcurrentLinkedQueue<Consumer<Raft>> events = new ConcurrentLinkedQueue<>();
    private final AtomicReference<@Nullable WriteMark> persisted = new AtomicReference<>();
    private final Bell bell = new Bell();
    private final String fullMessage;

    private volatile @Nullable String closedBecause;
    /** True when the raft thread will never poll again. Guarded by this. */
    private boolean abandoned;

    Mailbox(int requestCapacity) {
        requests = new MpscRing<>(requestCapacity);
        fullMessage = requestCapacity + " requests already wait for the raft thread, which is the mailbox capacity";
    }

    /** Takes the request or refuses it. Any thread; never blocks. */
    void submit(Request request) {
        String closed = closedBecause;
        if (closed != null) {
            request.refuse(new RaftException.Stopped(closed));
        } else if (requests.offer(request)) {
            bell.ring();
            if (closedBecause != null) {
                refuseIfAbandoned();
            }
        } else {
            request.refuse(new RaftException.Overloaded(fullMessage));
        }
    }

    /** Any thread; never blocks. */
    void receive(Message message) {
        offerFromPeer(message);
    }

    /** A message from a peer that has said which disk it has. Any thread; never blocks. */
    void receive(Message message, long senderIdentity) {
        offerFromPeer(senderIdentity == 0 ? message : new Identified(message, senderIdentity));
    }

    /** Any thread; never blocks. */
    void unreachable(NodeId peer) {
        offerFromPeer(peer);
    }

    private void offerFromPeer(Object event) {
        if (fromPeers.offer(event)) {
            bell.ring();
        }
    }

    /** Something the node itself has to tell the core. Any thread. */
    void tell(Consumer<Raft> event) {
        events.add(event);
        bell.ring();
    }

    /** The log thread, with growing marks. */
    void persisted(WriteMark mark) {
        persisted.set(mark);
        bell.ring();
    }

    @Nullable
    Request pollRequest() {
        return requests.poll();
    }

    /** A {@link Message}, an {@link Identified} one, the {@link NodeId} of an unreachable peer, or null. */
    @Nullable
    Object pollFromPeers() {
        return fromPeers.poll();
    }

    @Nullable
    Consumer<Raft> pollEvent() {
        return events.poll();
    }

    @Nullable
    WriteMark takePersisted() {
        return persisted.get() == null ? null : persisted.getAndSet(null);
    }

    /** Waits until something arrives, the mailbox is closed or the time is over. The raft thread. */
    void sleep(long nanos) {
        if (nanos > 0) {
            bell.sleep(this::isIdle, nanos);
        }
    }

    private boolean isIdle() {
        return requests.isEmpty()
                && fromPeers.isEmpty()
                && events.isEmpty()
                && persisted.get() == null
                && closedBecause == null;
    }

    boolean isClosed() {
        return closedBecause != null;
    }

    /** From now on requests are refused; wakes the raft thread so that it ends. */
    void close(String why) {
        closedBecause = why;
        bell.ring();
    }

    /**
     * The raft thread's last act: refuses what it never took. A caller that put its request down at the same moment refuses
     * it itself, in {@link #submit}; either way nobody waits for ever, and nothing the core has seen is called "refused".
     */
    synchronized void abandon() {
        abandoned = true;
        refuseIfAbandoned();
    }

    private synchronized void refuseIfAbandoned() {
        if (!abandoned) {
            return;
        }
        String why = closedBecause == null ? "closed" : closedBecause;
        for (Request request = requests.poll(); request != null; request = requests.poll()) {
            request.refuse(new RaftException.Stopped(why));
        }
    }
}
