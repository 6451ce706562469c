package dev.quorate.raft.simulator.world;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.SnapshotMeta;
import java.util.List;

/** The replicated state machine of one life of one node. */
public abstract class Replica {

    /** Hears of each entry, in order, when it is applied. */
    @FunctionalInterface
    public interface Applied {
        /** @param stateHash of the state now, 0 if states are compared in another way */
        void applied(Entry entry, long stateHash);
    }

    private SnapshotMeta position;

    protected Replica(SnapshotMeta position) {
        this.position = position;
    }

    /** Applies entries that follow the position. */
    public abstract void apply(List<Entry> batch, Applied applied);

    /** A snapshot of the state as it is. */
    public abstract Image snapshot();

    /** Replaces the state. */
    public final void restore(Image image) {
        load(image);
        position = image.position();
    }

    protected abstract void load(Image image);

    /** The life ends without warning. */
    public abstract void crash();

    /** A hash of the state, 0 if states are compared in another way. */
    public abstract long hash();

    /** What the state stands for. */
    public final SnapshotMeta position() {
        return position;
    }

    public final long appliedIndex() {
        return position.index();
    }

    protected final void moveTo(Entry entry) {
        position = after(position, entry);
    }

    /** What a state stands for after one more entry. */
    public static SnapshotMeta after(SnapshotMeta before, Entry entry) {
        Membership membership =
                entry.type() == Entry.Type.MEMBERSHIP ? Membership.decode(entry.payload()) : before.membership();
        return new SnapshotMeta(new EntryId(entry.index(), entry.term()), membership);
    }
}
