package dev.quorate.raft;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a follower has passed on to its leader and has no answer to. An answer that does not come in time ends the request:
 * a proposal with its outcome unknown, a read without harm.
 */
final class Forwards {

    private record Proposals(long firstId, int count, long bytes, long sentNanos) {}

    private record Read(long id, long sentNanos, boolean byLease) {}

    private final Raft raft;
    private final TreeMap<Long, Proposals> proposals = new TreeMap<>();
    private final TreeMap<Long, Read> reads = new TreeMap<>();
    private long proposedBytes;

    Forwards(Raft raft) {
        this.raft = raft;
    }

    void propose(NodeId leader, long firstId, List<byte[]> commands) {
        int done = 0;
        while (done < commands.size()) {
            int fitting = fitting(commands, done);
            if (fitting == 0) {
                reject(firstId + done, commands.size() - done, Output.Reason.OVERLOADED, leader);
                return;
            }
            send(leader, firstId + done, commands.subList(done, done + fitting));
            done += fitting;
        }
    }

    /** How many commands from {@code start} on make the next message: bounded like an append, and at least one. */
    private int fitting(List<byte[]> commands, int start) {
        long bytes = 0;
        int count = 0;
        while (start + count < commands.size()) {
            long size = sizeBytes(commands.get(start + count));
            boolean fitsMessage = count == 0 || bytes + size <= raft.config().maxAppendBytes();
            boolean fitsLimit = proposedBytes + bytes == 0
                    || proposedBytes + bytes + size <= raft.config().maxUncommittedBytes();
            if (!fitsMessage || !fitsLimit || count == raft.config().maxAppendEntries()) {
                break;
            }
            bytes += size;
            count++;
        }
        return count;
    }

    private void send(NodeId leader, long firstId, List<byte[]> commands) {
        long bytes = 0;
        for (byte[] command : commands) {
            bytes += sizeBytes(command);
        }
        long batch = raft.nextForward();
        proposals.put(batch, new Proposals(firstId, commands.size(), bytes, raft.now()));
        proposedBytes += bytes;
        raft.send(new Message.Propose(raft.id(), leader, raft.term(), raft.incarnation(), batch, commands));
    }

    private static long sizeBytes(byte[] command) {
        return Entry.OVERHEAD_BYTES + command.length;
    }

    void readIndex(NodeId leader, long id, boolean byLease) {
        if (reads.size() >= raft.config().maxPendingReads()) {
            raft.out().rejectedRead(id, Output.Reason.OVERLOADED, leader);
            return;
        }
        long request = raft.nextReadRequest();
        reads.put(request, new Read(id, raft.now(), byLease));
        raft.send(new Message.ReadIndex(raft.id(), leader, raft.term(), request, byLease));
    }

    void onProposeResult(Message.ProposeResult message) {
        if (message.incarnation() != raft.incarnation()) {
            return; // an answer to an earlier life of this node
        }
        Proposals answered = proposals.remove(message.batch());
        if (answered == null) {
            return;
        }
        proposedBytes -= answered.bytes();
        int accepted = Math.max(0, Math.min(message.accepted(), answered.count()));
        for (int i = 0; i < accepted; i++) {
            raft.out()
                    .accepted(new Output.Accepted(
                            answered.firstId() + i, new EntryId(message.firstIndex() + i, message.term())));
        }
        reject(answered.firstId() + accepted, answered.count() - accepted, Output.Reason.OVERLOADED, raft.leader());
    }

    void onReadIndexResult(Message.ReadIndexResult message) {
        Read answered = reads.remove(message.request());
        if (answered == null) {
            return;
        }
        switch (message.outcome()) {
            case CONFIRMED -> {
                if (!answered.byLease()) {
                    raft.indexConfirmed(answered.sentNanos(), message.readIndex());
                }
                raft.out().readState(answered.id(), message.readIndex());
            }
            case NOT_LEADER -> raft.out().rejectedRead(answered.id(), Output.Reason.NOT_LEADER, raft.leader());
            case OVERLOADED -> raft.out().rejectedRead(answered.id(), Output.Reason.OVERLOADED, raft.leader());
        }
    }

    /** Ends what has waited for longer than a leader can be silent without losing its office. */
    void expire() {
        long limit = 2 * raft.config().electionTimeoutNanos();
        for (Iterator<Proposals> all = proposals.values().iterator(); all.hasNext(); ) {
            Proposals oldest = all.next();
            if (raft.now() - oldest.sentNanos() < limit) {
                break;
            }
            all.remove();
            proposedBytes -= oldest.bytes();
            reject(oldest.firstId(), oldest.count(), Output.Reason.OUTCOME_UNKNOWN, raft.leader());
        }
        for (Iterator<Read> all = reads.values().iterator(); all.hasNext(); ) {
            Read oldest = all.next();
            if (raft.now() - oldest.sentNanos() < limit) {
                break;
            }
            all.remove();
            raft.out().rejectedRead(oldest.id(), Output.Reason.NOT_CONFIRMED, raft.leader());
        }
    }

    /** The leadership that was asked is over. */
    void abandon() {
        for (Map.Entry<Long, Proposals> waiting : proposals.entrySet()) {
            reject(waiting.getValue().firstId(), waiting.getValue().count(), Output.Reason.OUTCOME_UNKNOWN, null);
        }
        for (Read read : reads.values()) {
            raft.out().rejectedRead(read.id(), Output.Reason.NOT_CONFIRMED, null);
        }
        proposals.clear();
        reads.clear();
        proposedBytes = 0;
    }

    private void reject(long firstId, int count, Output.Reason reason, @Nullable NodeId leader) {
        for (int i = 0; i < count; i++) {
            raft.out().rejectedProposal(firstId + i, reason, leader);
        }
    }
}
