package dev.quorate.raft.simulator.observe;

import dev.quorate.raft.Persist;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.HardState;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.SnapshotMeta;
import java.util.function.LongUnaryOperator;

/** What one node's disk would give back after a crash at this instant. */
public final class DiskImage {

    private LogImage log;
    private HardState hardState = HardState.INITIAL;
    private long incarnation;
    private boolean isDamaged;

    public DiskImage(Membership initial) {
        log = new LogImage(new SnapshotMeta(EntryId.ZERO, initial), 0);
    }

    /** Makes one write durable. */
    public void apply(Persist persist, LongUnaryOperator committedChain) {
        log.apply(persist, committedChain);
        HardState written = persist.hardState();
        if (written != null) {
            hardState = written;
        }
        if (persist.repaired()) {
            isDamaged = false;
        }
    }

    /** Entries from this one on cannot be read any more; the term and the vote can. */
    void damage(long fromIndex) {
        log.loseFrom(fromIndex);
        isDamaged = true;
    }

    /** No entry can be read any more, nor where the log began. */
    void damage(Membership initial) {
        log = new LogImage(new SnapshotMeta(EntryId.ZERO, initial), 0);
        isDamaged = true;
    }

    /** True until the log is repaired. */
    public boolean isDamaged() {
        return isDamaged;
    }

    /** Begins a new life; its number is durable at once. */
    public long nextIncarnation() {
        return ++incarnation;
    }

    public LogImage log() {
        return log;
    }

    public HardState hardState() {
        return hardState;
    }
}
