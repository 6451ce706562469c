package dev.quorate.raft.simulator.observe;

import dev.quorate.raft.RaftRole;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.NodeId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One node as a global observer sees it: its disk, and its log as its writes describe it. */
public final class NodeView {

    private final int number;
    private final NodeId id;
    private DiskImage disk;
    private final Map<Long, DiskImage> lostDisks = new HashMap<>();
    private final List<LogImage> lost = new ArrayList<>();
    private boolean wasDamaged;
    private long identity;
    private LogImage log;
    private int life;
    private boolean up;
    private @Nullable RaftStatus status;

    /** @param identity which disk this is; no two of a run are the same */
    public NodeView(int number, NodeId id, DiskImage disk, long identity) {
        this.identity = identity;
        this.number = number;
        this.id = id;
        this.disk = disk;
        this.log = disk.log().copy();
    }

    /** A new life begins with what the disk holds. */
    public void start() {
        life++;
        up = true;
        log = disk.log().copy();
        status = null;
    }

    /** The life ends; what was not durable is gone. */
    public void crash() {
        up = false;
        status = null;
        log = disk.log().copy();
    }

    /** All that was on the disk is gone, while the node is down. */
    public void wipe(DiskImage empty, long newIdentity) {
        lostDisks.put(identity, disk);
        lost.clear();
        disk = empty;
        identity = newIdentity;
        log = disk.log().copy();
    }

    /**
     * Entries are lost, while the node is down. Until the log is repaired they count as held: the member gives no vote without
     * them.
     */
    public void damage(long fromIndex) {
        lost.add(disk.log().copy());
        disk.damage(fromIndex);
        log = disk.log().copy();
        wasDamaged = true;
    }

    /** The whole log is lost, while the node is down. */
    public void damage(Membership initial) {
        lost.add(disk.log().copy());
        disk.damage(initial);
        log = disk.log().copy();
        wasDamaged = true;
    }

    /** What was lost is back, as the node says; from now on only what is on the disk counts. */
    public void repaired() {
        lost.clear();
    }

    /** True if something is lost that is not known to be back. */
    public boolean isDamaged() {
        return disk.isDamaged() || !lost.isEmpty();
    }

    /** True if something was lost once. */
    public boolean wasDamaged() {
        return wasDamaged;
    }

    /** What this disk has lost, each as it was. */
    public List<LogImage> lost() {
        return lost;
    }

    /** True if the disk that this membership means holds this prefix, or held it before it was damaged. */
    public boolean holds(Membership membership, long index, long chain) {
        LogImage meant = diskMeantBy(membership).log();
        return (meant.knows(index) && meant.chainAt(index) == chain)
                || lost.stream().anyMatch(image -> image.knows(index) && image.chainAt(index) == chain);
    }

    /** Which disk this node has. */
    public long identity() {
        return identity;
    }

    /** True if this node is the one that the membership means by its name: it has the disk that is written there, if any is. */
    public boolean isMeantBy(Membership membership) {
        long recorded = membership.member(id).identity();
        return membership.contains(id) && (recorded == 0 || recorded == identity);
    }

    /**
     * The disk that the membership means by this node's name. It may be lost: then it is as if its node were down for ever,
     * and what it held still counts as held.
     */
    public DiskImage diskMeantBy(Membership membership) {
        return lostDisks.getOrDefault(membership.member(id).identity(), disk);
    }

    public void setStatus(RaftStatus status) {
        this.status = status;
    }

    /** The place of this node in every array that has one slot for each. */
    public int number() {
        return number;
    }

    public NodeId id() {
        return id;
    }

    public DiskImage disk() {
        return disk;
    }

    /** The log as the running core holds it; equal to the disk's while the node is down. */
    public LogImage log() {
        return log;
    }

    /** Which life this is, from 1. */
    public int life() {
        return life;
    }

    public boolean isUp() {
        return up;
    }

    /** What the core said after its last batch of this life; null before the first and while the node is down. */
    public @Nullable RaftStatus status() {
        return status;
    }

    public boolean leads() {
        return status != null && status.role() == RaftRole.LEADER;
    }

    /** The core's term, 0 if it has not spoken in this life. */
    public long term() {
        return status == null ? 0 : status.term();
    }

    @Override
    public String toString() {
        return id.value();
    }
}
