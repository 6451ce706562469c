package dev.quorate.raft.runtime;

import dev.quorate.raft.Persist;
import dev.quorate.raft.WriteMark;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.Recovered;
import dev.quorate.raft.model.SnapshotMeta;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Brings log, snapshot and state machine of one directory together after any crash. The three are written one after the
 * other, so each may be ahead of another:
 *
 * <pre>
 *   the snapshot is ahead of the state machine   a state machine in memory; or a crash after a fetch, before the restore
 *                                                → restore it: a snapshot is committed state, newer is always better
 *   the snapshot is not in the log               a crash after the restore, before the log was reset
 *                                                → reset the log to it now, as the core would have done
 *   the state machine is behind the log's start  the snapshot is lost → cannot start
 *   the state machine is ahead of the log        a foreign or older log → cannot start
 *   the snapshot's term is ahead of the log's    the log was lost: terms are durable before snapshots → cannot start
 * </pre>
 *
 * The last rule is the one that keeps a member from coming back without the votes and acknowledgements it gave.
 *
 * "In the log" means: the log's entry at the snapshot's index has the snapshot's term (Raft paper §7). A log that is longer
 * but has another term there holds entries that were never committed from that index on.
 *
 * @param recovered the log's state, after a reset if one was due
 * @param applied what the state machine holds, with the membership in force there
 * @param snapshot the newest snapshot that peers can have, null if there is none
 */
record StartUp(
        Recovered recovered, SnapshotMeta applied, @Nullable SnapshotMeta snapshot) {

    private static final System.Logger LOG = System.getLogger(RaftNode.class.getName());

    /** Not a write of the core: it has none with this number. */
    private static final long BEFORE_THE_FIRST_WRITE = 0;

    /**
     * @throws IOException if the directory's parts do not fit together, or cannot be read; the message says which
     */
    static StartUp run(RaftNode.Options options, DurableLog log, SnapshotStore store, StateMachine<?> stateMachine)
            throws IOException {
        Recovered recovered = log.recover(options.initialMembership());
        long applied = stateMachine.appliedIndex();
        SnapshotMeta snapshot = store.newest();
        if (snapshot != null && snapshot.term() > recovered.hardState().term()) {
            throw new IOException("the snapshot in " + options.directory() + " is of term " + snapshot.term()
                    + ", but the log knows only term " + recovered.hardState().term()
                    + ": the log was lost or is an older one, and with it votes and acknowledgements of this member."
                    + " Restore the log, or wipe everything and join as a new member");
        }
        if (snapshot != null && snapshot.index() > applied) {
            restore(store, snapshot, stateMachine);
            applied = snapshot.index();
        }
        if (snapshot != null && snapshot.index() == applied && !isInLog(snapshot, recovered)) {
            recovered = reset(log, recovered, snapshot);
        }
        check(recovered, applied, snapshot, options.directory());
        return new StartUp(recovered, position(recovered, applied), snapshot);
    }

    private static void restore(SnapshotStore store, SnapshotMeta snapshot, StateMachine<?> stateMachine)
            throws IOException {
        try (SnapshotStore.Lease lease = store.lease(snapshot.lastIncluded())) {
            Path scratch = store.scratchCopy(lease);
            stateMachine.restore(scratch, snapshot.index());
            store.delete(scratch);
        }
    }

    private static boolean isInLog(SnapshotMeta snapshot, Recovered recovered) {
        return snapshot.index() < recovered.base().index()
                || (snapshot.index() <= recovered.lastIndex()
                        && termAt(recovered, snapshot.index()) == snapshot.term());
    }

    private static Recovered reset(DurableLog log, Recovered old, SnapshotMeta snapshot) throws IOException {
        LOG.log(
                System.Logger.Level.INFO,
                "the log ends at " + old.lastIndex() + " without the snapshot at " + snapshot.lastIncluded()
                        + ": it starts again after it, as a crash kept it from doing");
        WriteMark mark = new WriteMark(BEFORE_THE_FIRST_WRITE, snapshot.index());
        log.write(List.of(new Persist(null, List.of(), snapshot, null, mark, List.of())));
        return new Recovered(
                old.incarnation(),
                old.hardState(),
                snapshot,
                List.of(),
                List.of(),
                snapshot.index(),
                List.of(),
                old.damaged());
    }

    private static void check(Recovered recovered, long applied, @Nullable SnapshotMeta snapshot, Path directory)
            throws IOException {
        if (applied < recovered.base().index()) {
            throw new IOException("the state machine holds the log up to " + applied + ", the log starts after "
                    + recovered.base().lastIncluded() + ", and "
                    + (snapshot == null ? "there is no whole snapshot" : "the newest snapshot is " + snapshot.index())
                    + " in " + directory
                    + ": entries are missing. Restore the data directory, or wipe it and join as a new member");
        }
        if (applied > recovered.lastIndex() && recovered.damaged()) {
            throw new IOException(
                    "the log was damaged and ends at " + recovered.lastIndex()
                            + " now, and the state machine holds the log up to " + applied
                            + ": remove the state machine's files, and it is made again from the newest snapshot and from peers");
        }
        if (applied > recovered.lastIndex()) {
            throw new IOException("the state machine holds the log up to " + applied + ", but the log ends at "
                    + recovered.lastIndex() + ": log and state in " + directory
                    + " are not of the same node or time. Restore both, or wipe both and join as a new member");
        }
        if (snapshot != null && snapshot.index() >= recovered.base().index() && !isInLog(snapshot, recovered)) {
            throw new IOException("the snapshot at " + snapshot.lastIncluded() + " contradicts the log, which has term "
                    + termAt(recovered, snapshot.index()) + " there, and the state machine has applied " + applied
                    + ": the parts of " + directory + " do not fit together");
        }
    }

    /** The state machine's position as the snapshot meta that a snapshot of it would have right now. */
    private static SnapshotMeta position(Recovered recovered, long applied) {
        Membership membership = recovered.base().membership();
        for (Entry entry : recovered.membershipEntries()) {
            if (entry.index() <= applied) {
                membership = Membership.decode(entry.payload());
            }
        }
        return new SnapshotMeta(new EntryId(applied, termAt(recovered, applied)), membership);
    }

    /** @param index from the base to the last entry */
    private static long termAt(Recovered recovered, long index) {
        long term = recovered.base().term();
        for (Recovered.TermRun run : recovered.termRuns()) {
            if (run.firstIndex() <= index) {
                term = run.term();
            }
        }
        return term;
    }
}
