package dev.quorate.raft.runtime;

import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;

/**
 * A snapshot that is on its way to a member, and what of it is there. The member applies nothing meanwhile.
 *
 * @param snapshot what it stands for
 * @param source the member that sends it
 * @param totalBytes the sizes of all its files together; 0 until the source has named them
 * @param presentBytes what is on this member's disk: received now or before, or part of an older snapshot; 0 to {@code
 *     totalBytes}
 */
public record Installation(SnapshotMeta snapshot, NodeId source, long totalBytes, long presentBytes) {

    private static final int ALL_PERCENT = 100;

    /** How much is there, 0 to 100; 100 while it is being verified and taken over. */
    public int percent() {
        return totalBytes == 0 ? 0 : (int) (ALL_PERCENT * (double) presentBytes / totalBytes);
    }
}
