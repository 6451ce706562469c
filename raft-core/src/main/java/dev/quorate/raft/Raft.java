package dev.quorate.raft;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import java.util.List;

/**
 * One member of one group. One thread owns it; see the package for what it is and is not.
 *
 * <p>No verb throws for anything the network, the disk or a client can say.
 */
public final class Raft {

    /**
     * @param nowNanos a monotonic clock's reading; only differences count
     * @param appliedIndex what the state machine holds already, at least {@code recovered.base().index()}
     */
    public Raft(RaftConfig config, Recovered recovered, long appliedIndex, long nowNanos) {
        throw new IllegalStateException("being written: " + config + recovered + appliedIndex + nowNanos);
    }

    /** Time passed. A reading before the last one counts as no time. Call at least every heartbeat interval / 2. */
    public void tick(long nowNanos) {}

    public void receive(Message message) {}

    /**
     * Proposes commands. Each is answered, by its id, in {@link Output#accepted} or {@link Output#rejected}: proposal
     * {@code firstId + i} is {@code commands.get(i)}.
     */
    public void propose(long firstId, List<byte[]> commands) {}

    /** Asks for a linearizable read; answered in {@link Output#reads} or {@link Output#rejected}. */
    public void readIndex(long id) {}

    /** The write with this mark, and every one before it, is durable. */
    public void persisted(WriteMark mark) {}

    /** The state machine has applied everything up to this index. */
    public void applied(long index) {}

    /** Answers an {@link Output.Fetch}: entries from {@code fetch.fromIndex()} on, at least one. */
    public void fetched(Output.Fetch fetch, List<Entry> entries) {}

    /** Answers an {@link Output.Fetch} whose entries are compacted away by now or unreadable. */
    public void fetchFailed(Output.Fetch fetch) {}

    /** The state machine's state up to this point is durable outside of the log, and can be sent to a follower. */
    public void snapshotTaken(SnapshotMeta snapshot) {}

    /** Answers {@link Output#install}: the state machine's state is now this snapshot, durably. */
    public void snapshotInstalled(SnapshotMeta snapshot) {}

    /** Answers {@link Output#install}: the state is as before. */
    public void snapshotFailed(SnapshotMeta snapshot) {}

    /** The transport lost its connection to a member, or dropped messages to it. */
    public void unreachable(NodeId peer) {}

    /** What is to be done after the verbs since the last call. */
    public Output takeOutput() {
        throw new IllegalStateException("being written");
    }

    public RaftStatus status() {
        throw new IllegalStateException("being written");
    }
}
