package dev.quorate.raft.transport.netty;

import com.google.protobuf.UnsafeByteOperations;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.SnapshotMeta;
import dev.quorate.raft.transport.netty.wire.Wire;
import dev.quorate.raft.transport.netty.wire.Wire.Header;
import java.util.Arrays;
import java.util.List;

/** Turns messages into frames; {@link MessageDecoder} turns them back. A new kind of message does not compile here. */
final class MessageEncoder implements Message.Handler {

    private final Header.Builder header;
    private List<byte[]> payloads = List.of();

    private MessageEncoder(long groupId) {
        header = Header.newBuilder().setGroupId(groupId);
    }

    static Frame encode(long groupId, Message message) {
        MessageEncoder encoder = new MessageEncoder(groupId);
        message.dispatch(encoder);
        return new Frame(encoder.header.build(), encoder.payloads);
    }

    static Wire.SnapshotMeta encode(SnapshotMeta snapshot) {
        return Wire.SnapshotMeta.newBuilder()
                .setLastIncludedIndex(snapshot.index())
                .setLastIncludedTerm(snapshot.term())
                .setMembership(
                        UnsafeByteOperations.unsafeWrap(snapshot.membership().encode()))
                .build();
    }

    @Override
    public void onPreVote(Message.PreVote message) {
        header.setPreVote(Wire.PreVote.newBuilder()
                .setTerm(message.term())
                .setCandidateTerm(message.candidateTerm())
                .setLastLogIndex(message.lastLogIndex())
                .setLastLogTerm(message.lastLogTerm()));
    }

    @Override
    public void onPreVoteResult(Message.PreVoteResult message) {
        header.setPreVoteResult(Wire.PreVoteResult.newBuilder()
                .setTerm(message.term())
                .setCandidateTerm(message.candidateTerm())
                .setVoteGranted(message.voteGranted()));
    }

    @Override
    public void onRequestVote(Message.RequestVote message) {
        header.setRequestVote(Wire.RequestVote.newBuilder()
                .setTerm(message.term())
                .setLastLogIndex(message.lastLogIndex())
                .setLastLogTerm(message.lastLogTerm())
                .setLeadershipTransfer(message.leadershipTransfer())
                .setReleasedRound(message.releasedRound()));
    }

    @Override
    public void onRequestVoteResult(Message.RequestVoteResult message) {
        header.setRequestVoteResult(
                Wire.RequestVoteResult.newBuilder().setTerm(message.term()).setVoteGranted(message.voteGranted()));
    }

    @Override
    public void onAppendEntries(Message.AppendEntries message) {
        Wire.AppendEntries.Builder append = Wire.AppendEntries.newBuilder()
                .setTerm(message.term())
                .setPrevLogIndex(message.prevLogIndex())
                .setPrevLogTerm(message.prevLogTerm())
                .setLeaderCommit(message.leaderCommit());
        addRuns(message, append);
        header.setAppendEntries(append);
        byte[][] commands = new byte[message.entries().size()][];
        for (int i = 0; i < commands.length; i++) {
            commands[i] = message.entries().get(i).payload();
        }
        setPayloads(Arrays.asList(commands));
    }

    private static void addRuns(Message.AppendEntries message, Wire.AppendEntries.Builder append) {
        List<Entry> entries = message.entries();
        for (int first = 0, next; first < entries.size(); first = next) {
            Entry head = entries.get(first);
            next = first;
            while (next < entries.size()
                    && entries.get(next).term() == head.term()
                    && entries.get(next).type() == head.type()) {
                long index = message.prevLogIndex() + 1 + next;
                if (entries.get(next).index() != index) {
                    throw new IllegalArgumentException("entry " + entries.get(next)
                            + " of an AppendEntries after index " + message.prevLogIndex() + " must be index " + index);
                }
                next++;
            }
            append.addRuns(Wire.EntryRun.newBuilder()
                    .setTerm(head.term())
                    .setType(head.type().number())
                    .setCount(next - first));
        }
    }

    @Override
    public void onAppendEntriesAccepted(Message.AppendEntriesAccepted message) {
        header.setAppendEntriesAccepted(
                Wire.AppendEntriesAccepted.newBuilder().setTerm(message.term()).setMatchIndex(message.matchIndex()));
    }

    @Override
    public void onAppendEntriesRejected(Message.AppendEntriesRejected message) {
        header.setAppendEntriesRejected(Wire.AppendEntriesRejected.newBuilder()
                .setTerm(message.term())
                .setPrevLogIndex(message.prevLogIndex())
                .setHintIndex(message.hintIndex())
                .setHintTerm(message.hintTerm()));
    }

    @Override
    public void onHeartbeat(Message.Heartbeat message) {
        header.setHeartbeat(Wire.Heartbeat.newBuilder()
                .setTerm(message.term())
                .setLeaderCommit(message.leaderCommit())
                .setRound(message.round())
                .setPromiseNanos(message.promiseNanos()));
    }

    @Override
    public void onHeartbeatResult(Message.HeartbeatResult message) {
        header.setHeartbeatResult(Wire.HeartbeatResult.newBuilder()
                .setTerm(message.term())
                .setRound(message.round())
                .setSnapshotIndex(message.snapshotIndex())
                .setPromisedNanos(message.promisedNanos()));
    }

    @Override
    public void onInstallSnapshot(Message.InstallSnapshot message) {
        header.setInstallSnapshot(Wire.InstallSnapshot.newBuilder()
                .setTerm(message.term())
                .setSnapshot(encode(message.snapshot()))
                .setSource(message.source().value()));
    }

    @Override
    public void onInstallSnapshotResult(Message.InstallSnapshotResult message) {
        header.setInstallSnapshotResult(Wire.InstallSnapshotResult.newBuilder()
                .setTerm(message.term())
                .setLastIncludedIndex(message.lastIncludedIndex())
                .setInstalled(message.installed()));
    }

    @Override
    public void onReadIndex(Message.ReadIndex message) {
        header.setReadIndex(Wire.ReadIndex.newBuilder()
                .setTerm(message.term())
                .setRequest(message.request())
                .setByLease(message.byLease()));
    }

    @Override
    public void onReadIndexResult(Message.ReadIndexResult message) {
        header.setReadIndexResult(Wire.ReadIndexResult.newBuilder()
                .setTerm(message.term())
                .setRequest(message.request())
                .setOutcome(outcome(message.outcome()))
                .setReadIndex(message.readIndex()));
    }

    private static Wire.ReadIndexResult.Outcome outcome(Message.ReadIndexResult.Outcome outcome) {
        return switch (outcome) {
            case CONFIRMED -> Wire.ReadIndexResult.Outcome.CONFIRMED;
            case NOT_LEADER -> Wire.ReadIndexResult.Outcome.NOT_LEADER;
            case OVERLOADED -> Wire.ReadIndexResult.Outcome.OVERLOADED;
        };
    }

    @Override
    public void onPropose(Message.Propose message) {
        header.setPropose(Wire.Propose.newBuilder()
                .setTerm(message.term())
                .setIncarnation(message.incarnation())
                .setBatch(message.batch()));
        setPayloads(message.payloads());
    }

    @Override
    public void onProposeResult(Message.ProposeResult message) {
        header.setProposeResult(Wire.ProposeResult.newBuilder()
                .setTerm(message.term())
                .setIncarnation(message.incarnation())
                .setBatch(message.batch())
                .setAccepted(message.accepted())
                .setFirstIndex(message.firstIndex()));
    }

    @Override
    public void onTimeoutNow(Message.TimeoutNow message) {
        header.setTimeoutNow(
                Wire.TimeoutNow.newBuilder().setTerm(message.term()).setReleasedRound(message.releasedRound()));
    }

    @Override
    public void onDamaged(Message.Damaged message) {
        header.setDamaged(Wire.Damaged.newBuilder()
                .setTerm(message.term())
                .setIncarnation(message.incarnation())
                .setLastIndex(message.lastIndex()));
    }

    @Override
    public void onDamageNoted(Message.DamageNoted message) {
        header.setDamageNoted(Wire.DamageNoted.newBuilder()
                .setTerm(message.term())
                .setIncarnation(message.incarnation())
                .setLastIndex(message.lastIndex()));
    }

    private void setPayloads(List<byte[]> values) {
        payloads = values;
        for (byte[] payload : values) {
            header.addPayloadBytes(payload.length);
        }
    }
}
