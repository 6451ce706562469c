package dev.quorate.raft.transport.netty;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import dev.quorate.raft.transport.netty.wire.Wire;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns frames into messages. Sender and receiver are those of the handshake, so no frame can claim to be from somebody
 * else.
 *
 * @param from who dialled the connection
 * @param to this member
 */
record MessageDecoder(NodeId from, NodeId to) {

    /** @throws MalformedFrameException if the frame is no message, or one that no member sends */
    Message decode(Frame frame) throws MalformedFrameException {
        boolean mayHavePayloads =
                frame.header().hasAppendEntries() || frame.header().hasPropose();
        if (!mayHavePayloads && !frame.payloads().isEmpty()) {
            throw new MalformedFrameException(
                    "a frame of kind " + frame.header().getKindCase() + " cannot have payloads");
        }
        try {
            Message message = messageOf(frame);
            if (message.term() < 0) {
                throw new MalformedFrameException(
                        "a frame of kind " + frame.header().getKindCase() + " has the negative term " + message.term());
            }
            return message;
        } catch (IllegalArgumentException e) {
            // The model's records check themselves: a term below 1, an unknown entry type, a broken membership.
            throw new MalformedFrameException(
                    "a frame of kind " + frame.header().getKindCase() + " is unusable: " + e.getMessage());
        }
    }

    private Message messageOf(Frame frame) throws MalformedFrameException {
        Wire.Header header = frame.header();
        return switch (header.getKindCase()) {
            case PRE_VOTE -> preVote(header.getPreVote());
            case PRE_VOTE_RESULT -> preVoteResult(header.getPreVoteResult());
            case REQUEST_VOTE -> requestVote(header.getRequestVote());
            case REQUEST_VOTE_RESULT -> requestVoteResult(header.getRequestVoteResult());
            case APPEND_ENTRIES -> appendEntries(header.getAppendEntries(), frame.payloads());
            case APPEND_ENTRIES_ACCEPTED -> appendEntriesAccepted(header.getAppendEntriesAccepted());
            case APPEND_ENTRIES_REJECTED -> appendEntriesRejected(header.getAppendEntriesRejected());
            case HEARTBEAT -> heartbeat(header.getHeartbeat());
            case HEARTBEAT_RESULT -> heartbeatResult(header.getHeartbeatResult());
            case INSTALL_SNAPSHOT -> installSnapshot(header.getInstallSnapshot());
            case INSTALL_SNAPSHOT_RESULT -> installSnapshotResult(header.getInstallSnapshotResult());
            case READ_INDEX -> readIndex(header.getReadIndex());
            case READ_INDEX_RESULT -> readIndexResult(header.getReadIndexResult());
            case PROPOSE -> propose(header.getPropose(), frame.payloads());
            case PROPOSE_RESULT -> proposeResult(header.getProposeResult());
            case TIMEOUT_NOW ->
                new Message.TimeoutNow(
                        from,
                        to,
                        header.getTimeoutNow().getTerm(),
                        header.getTimeoutNow().getReleasedRound());
            case DAMAGED ->
                new Message.Damaged(
                        from,
                        to,
                        header.getDamaged().getTerm(),
                        header.getDamaged().getIncarnation(),
                        header.getDamaged().getLastIndex());
            case DAMAGE_NOTED ->
                new Message.DamageNoted(
                        from,
                        to,
                        header.getDamageNoted().getTerm(),
                        header.getDamageNoted().getIncarnation(),
                        header.getDamageNoted().getLastIndex());
            default ->
                throw new MalformedFrameException(
                        "a frame of kind " + header.getKindCase() + " has no place among messages");
        };
    }

    private Message preVote(Wire.PreVote wire) {
        return new Message.PreVote(
                from, to, wire.getTerm(), wire.getCandidateTerm(), wire.getLastLogIndex(), wire.getLastLogTerm());
    }

    private Message preVoteResult(Wire.PreVoteResult wire) {
        return new Message.PreVoteResult(from, to, wire.getTerm(), wire.getCandidateTerm(), wire.getVoteGranted());
    }

    private Message requestVote(Wire.RequestVote wire) {
        return new Message.RequestVote(
                from,
                to,
                wire.getTerm(),
                wire.getLastLogIndex(),
                wire.getLastLogTerm(),
                wire.getLeadershipTransfer(),
                wire.getReleasedRound());
    }

    private Message requestVoteResult(Wire.RequestVoteResult wire) {
        return new Message.RequestVoteResult(from, to, wire.getTerm(), wire.getVoteGranted());
    }

    private Message appendEntries(Wire.AppendEntries wire, List<byte[]> payloads) throws MalformedFrameException {
        List<Entry> entries = new ArrayList<>(payloads.size());
        for (Wire.EntryRun run : wire.getRunsList()) {
            Entry.Type type = Entry.Type.ofNumber(run.getType());
            int left = payloads.size() - entries.size();
            if (run.getCount() < 1 || run.getCount() > left) {
                throw new MalformedFrameException("an AppendEntries has a run of "
                        + Integer.toUnsignedLong(run.getCount()) + " entries and " + left + " payloads for them");
            }
            for (int i = 0; i < run.getCount(); i++) {
                long index = wire.getPrevLogIndex() + 1 + entries.size();
                entries.add(new Entry(index, run.getTerm(), type, payloads.get(entries.size())));
            }
        }
        if (entries.size() != payloads.size()) {
            throw new MalformedFrameException(
                    "an AppendEntries of " + entries.size() + " entries has " + payloads.size() + " payloads");
        }
        return new Message.AppendEntries(
                from,
                to,
                wire.getTerm(),
                wire.getPrevLogIndex(),
                wire.getPrevLogTerm(),
                entries,
                wire.getLeaderCommit());
    }

    private Message appendEntriesAccepted(Wire.AppendEntriesAccepted wire) {
        return new Message.AppendEntriesAccepted(from, to, wire.getTerm(), wire.getMatchIndex());
    }

    private Message appendEntriesRejected(Wire.AppendEntriesRejected wire) {
        return new Message.AppendEntriesRejected(
                from, to, wire.getTerm(), wire.getPrevLogIndex(), wire.getHintIndex(), wire.getHintTerm());
    }

    private Message heartbeat(Wire.Heartbeat wire) {
        return new Message.Heartbeat(
                from, to, wire.getTerm(), wire.getLeaderCommit(), wire.getRound(), wire.getPromiseNanos());
    }

    private Message heartbeatResult(Wire.HeartbeatResult wire) {
        return new Message.HeartbeatResult(
                from, to, wire.getTerm(), wire.getRound(), wire.getSnapshotIndex(), wire.getPromisedNanos());
    }

    private Message installSnapshot(Wire.InstallSnapshot wire) {
        return new Message.InstallSnapshot(
                from, to, wire.getTerm(), snapshotMeta(wire.getSnapshot()), NodeId.of(wire.getSource()));
    }

    private Message installSnapshotResult(Wire.InstallSnapshotResult wire) {
        return new Message.InstallSnapshotResult(
                from, to, wire.getTerm(), wire.getLastIncludedIndex(), wire.getInstalled());
    }

    private Message readIndex(Wire.ReadIndex wire) {
        return new Message.ReadIndex(from, to, wire.getTerm(), wire.getRequest(), wire.getByLease());
    }

    private Message readIndexResult(Wire.ReadIndexResult wire) {
        return new Message.ReadIndexResult(
                from, to, wire.getTerm(), wire.getRequest(), outcome(wire.getOutcome()), wire.getReadIndex());
    }

    private static Message.ReadIndexResult.Outcome outcome(Wire.ReadIndexResult.Outcome outcome) {
        return switch (outcome) {
            case CONFIRMED -> Message.ReadIndexResult.Outcome.CONFIRMED;
            case OVERLOADED -> Message.ReadIndexResult.Outcome.OVERLOADED;
            case NOT_LEADER, UNRECOGNIZED -> Message.ReadIndexResult.Outcome.NOT_LEADER;
        };
    }

    private Message propose(Wire.Propose wire, List<byte[]> payloads) {
        return new Message.Propose(from, to, wire.getTerm(), wire.getIncarnation(), wire.getBatch(), payloads);
    }

    private Message proposeResult(Wire.ProposeResult wire) {
        return new Message.ProposeResult(
                from,
                to,
                wire.getTerm(),
                wire.getIncarnation(),
                wire.getBatch(),
                wire.getAccepted(),
                wire.getFirstIndex());
    }

    /** @throws IllegalArgumentException if the membership cannot be read */
    static SnapshotMeta snapshotMeta(Wire.SnapshotMeta wire) {
        return new SnapshotMeta(
                new EntryId(wire.getLastIncludedIndex(), wire.getLastIncludedTerm()),
                Membership.decode(wire.getMembership().toByteArray()));
    }
}
