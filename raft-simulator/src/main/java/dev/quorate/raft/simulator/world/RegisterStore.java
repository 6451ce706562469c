package dev.quorate.raft.simulator.world;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.SnapshotMeta;
import dev.quorate.raft.simulator.observe.Hashing;
import dev.quorate.raft.simulator.observe.RegisterCommand;

/** The replicated state machine: a few registers, and a hash of all that ever happened to them. */
final class RegisterStore {

    static final int KEYS = 16;

    private final long[] values;
    private EntryId applied;
    private Membership membership;
    private long hash;

    RegisterStore(Membership initial) {
        values = new long[KEYS];
        applied = EntryId.ZERO;
        membership = initial;
    }

    private RegisterStore(RegisterStore other) {
        values = other.values.clone();
        applied = other.applied;
        membership = other.membership;
        hash = other.hash;
    }

    RegisterStore copy() {
        return new RegisterStore(this);
    }

    void apply(Entry entry) {
        switch (entry.type()) {
            case COMMAND -> {
                RegisterCommand command = RegisterCommand.decode(entry.payload());
                values[command.key()] = command.value();
                hash = Hashing.mix(Hashing.mix(hash, command.key()), command.value());
            }
            case MEMBERSHIP -> membership = Membership.decode(entry.payload());
            case NO_OP -> {}
        }
        applied = entry.id();
    }

    long appliedIndex() {
        return applied.index();
    }

    long hash() {
        return hash;
    }

    /** What a snapshot of this state stands for. */
    SnapshotMeta meta() {
        return new SnapshotMeta(applied, membership);
    }
}
