package dev.quorate.raft.simulator.observe;

import dev.quorate.raft.RaftRole;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.model.NodeId;
import org.jspecify.annotations.Nullable;

/** One node as a global observer sees it: its disk, and its log as its writes describe it. */
public final class NodeView {

    private final int number;
    private final NodeId id;
    private final DiskImage disk;
    private LogImage log;
    private int life;
    private boolean up;
    private @Nullable RaftStatus status;

    public NodeView(int number, NodeId id, DiskImage disk) {
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
