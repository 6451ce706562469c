package dev.quorate.raft.runtime;

import dev.quorate.raft.Output;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.MembershipChange;
import dev.quorate.raft.model.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Membership changes and transfers of leadership that wait for their end. They are rare, so one lock does: it is never held
 * while a future completes.
 *
 * <p>A change is done when a membership that is not joint is applied here, at its place in the log or after it.
 */
final class Administration {

    /** More than anybody asks for at once; a group does one change after the other anyway. */
    private static final int MAX_WAITING = 256;

    private static final class Pending {
        final CompletableFuture<Membership> future = new CompletableFuture<>();
        final long deadlineNanos;

        @Nullable
        EntryId position;

        Pending(long deadlineNanos) {
            this.deadlineNanos = deadlineNanos;
        }
    }

    private final Mailbox mailbox;
    private final Map<Long, Pending> pending = new TreeMap<>();
    private long lastId;
    private boolean ended;

    Administration(Mailbox mailbox) {
        this.mailbox = mailbox;
    }

    CompletableFuture<Membership> change(MembershipChange change, long deadlineNanos) {
        Pending request = new Pending(deadlineNanos);
        long id = add(request);
        if (id > 0) {
            mailbox.tell(raft -> raft.changeMembership(id, change));
        }
        return request.future;
    }

    CompletableFuture<Void> transfer(@Nullable NodeId to, long deadlineNanos) {
        Pending request = new Pending(deadlineNanos);
        long id = add(request);
        if (id > 0) {
            mailbox.tell(raft -> raft.transferLeadership(id, to));
        }
        return request.future.thenAccept(nothing -> {});
    }

    /** Returns its number, or 0 if it was refused. */
    private long add(Pending request) {
        RaftException refusal;
        synchronized (this) {
            if (!ended && pending.size() < MAX_WAITING) {
                pending.put(++lastId, request);
                return lastId;
            }
            refusal = ended
                    ? new RaftException.Stopped("it was closed")
                    : new RaftException.Overloaded(
                            pending.size() + " membership changes and transfers wait for their end already");
        }
        request.future.completeExceptionally(refusal);
        return 0;
    }

    /** The raft thread, before anything at these places is applied. */
    synchronized void accepted(List<Output.Accepted> changes) {
        for (Output.Accepted change : changes) {
            Pending request = pending.get(change.proposalId());
            if (request != null) {
                request.position = change.position();
            }
        }
    }

    /** The raft thread. */
    void transferred(long id) {
        Pending request = take(id);
        if (request != null) {
            request.future.complete(Membership.EMPTY);
        }
    }

    /** The raft thread. */
    void rejected(Output.Rejected rejected) {
        Pending request = take(rejected.id());
        if (request != null) {
            request.future.completeExceptionally(Requests.exception(rejected));
        }
    }

    private synchronized @Nullable Pending take(long id) {
        return pending.remove(id);
    }

    /** The apply thread: this entry with this membership is in the state. */
    void applied(Entry entry, Membership membership) {
        List<Pending> done = new ArrayList<>();
        List<Pending> lost = new ArrayList<>();
        synchronized (this) {
            pending.values().removeIf(request -> {
                EntryId position = request.position;
                if (position == null || position.index() > entry.index()) {
                    return false;
                } else if (position.index() == entry.index() && position.term() != entry.term()) {
                    return lost.add(request);
                }
                return !membership.isJoint() && done.add(request);
            });
        }
        done.forEach(request -> request.future.complete(membership));
        lost.forEach(request -> request.future.completeExceptionally(new RaftException.NotLeader(null)));
    }

    /** Fails what is overdue. The raft thread, now and then. */
    void expire(long nowNanos) {
        List<Pending> overdue = new ArrayList<>();
        synchronized (this) {
            pending.values().removeIf(request -> nowNanos - request.deadlineNanos >= 0 && overdue.add(request));
        }
        overdue.forEach(request -> request.future.completeExceptionally(
                new RaftException.OutcomeUnknown("it was not done within its time")));
    }

    /** The raft thread's last act. */
    void answerEverybody() {
        List<Pending> left;
        synchronized (this) {
            ended = true;
            left = new ArrayList<>(pending.values());
            pending.clear();
        }
        left.forEach(request -> request.future.completeExceptionally(
                new RaftException.OutcomeUnknown("this member stopped meanwhile")));
    }
}
