package dev.quorate.raft.runtime;

import dev.quorate.raft.Persist;
import dev.quorate.raft.WriteMark;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.HardState;
import dev.quorate.raft.model.Recovered;
import dev.quorate.raft.model.SnapshotMeta;
import java.io.IOException;
import java.util.List;

/**
 * Makes a member of a group that begins with a state and not with nothing: its log starts after a snapshot that every founder
 * has. To the algorithm that is a group which has compacted its log; nobody can tell that there never was one.
 */
final class Founding {

    /** The one that the state counts as written in. The first election is for the next. */
    private static final long TERM = 1;

    /** Not a write of the core: it has none with this number. */
    private static final long BEFORE_THE_FIRST_WRITE = 0;

    private Founding() {}

    static SnapshotMeta run(RaftNode.Options options, DurableLog log, StateMachine<?> stateMachine) throws IOException {
        if (options.initialMembership().voters().isEmpty()) {
            throw new IllegalArgumentException("a group begins with its voters, and the initial membership has none");
        }
        SnapshotStore store = SnapshotStore.open(options.directory());
        requireNew(options, log.recover(options.initialMembership()), store);
        // A state that came from no log stands at its first index, so that the snapshot is newer than nothing.
        long index = Math.max(1, stateMachine.appliedIndex());
        SnapshotMeta meta = new SnapshotMeta(new EntryId(index, TERM), options.initialMembership());
        SnapshotStore.Draft draft = store.draft();
        boolean isDone = false;
        try {
            stateMachine.snapshot(draft.files());
            store.commit(draft, meta);
            isDone = true;
        } finally {
            if (!isDone) {
                store.discard(draft);
            }
        }
        WriteMark mark = new WriteMark(BEFORE_THE_FIRST_WRITE, index);
        log.write(List.of(new Persist(new HardState(TERM, null), List.of(), meta, null, mark, List.of())));
        return meta;
    }

    private static void requireNew(RaftNode.Options options, Recovered recovered, SnapshotStore store)
            throws IOException {
        boolean isNew = recovered.lastIndex() == 0
                && recovered.hardState().equals(HardState.INITIAL)
                && !recovered.damaged()
                && store.newest() == null;
        if (!isNew) {
            throw new IOException("the log or the snapshots in " + options.directory()
                    + " are of a member that has run: a group is founded in new directories only");
        }
    }
}
