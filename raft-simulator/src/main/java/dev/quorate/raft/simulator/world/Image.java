package dev.quorate.raft.simulator.world;

import dev.quorate.raft.model.SnapshotMeta;

/**
 * A snapshot of a replica; never changes.
 *
 * @param position what it stands for
 * @param hash of the state, 0 if states are compared in another way
 * @param content what the replica that made it understands
 */
public record Image(SnapshotMeta position, long hash, Object content) {

    long index() {
        return position.index();
    }
}
