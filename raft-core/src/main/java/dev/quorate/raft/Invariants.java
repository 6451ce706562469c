package dev.quorate.raft;

import dev.quorate.raft.log.RaftLog;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.HardState;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.tracker.Progress;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What must hold in one member after every batch of verbs: of its state as it is, and of its state against the one before.
 * For tests and simulations, which call {@link #check} after every {@link Raft#takeOutput}. What only an observer of the
 * whole group can see (one leader per term, matching logs) is checked by the simulator.
 */
public final class Invariants {

    private final Raft raft;
    private @Nullable Moment before;

    private record Moment(
            HardState hardState,
            RaftRole role,
            long baseIndex,
            long commitIndex,
            long appliedIndex,
            EntryId last,
            Map<NodeId, Long> match) {}

    /** Begins to watch this member. */
    public Invariants(Raft raft) {
        this.raft = raft;
    }

    /** @throws IllegalStateException naming the invariant that is broken, and with which values */
    public void check() {
        RaftLog log = raft.log();
        Map<NodeId, Long> match = new TreeMap<>();
        raft.progress().forEach((member, progress) -> {
            check("match < next", progress.match() < progress.next(), member + " " + describe(progress));
            check("match <= last index", progress.match() <= log.lastIndex(), member + " " + describe(progress));
            match.put(member, progress.match());
        });
        check("applied <= commit", log.appliedIndex() <= log.commitIndex(), log);
        check("handed <= commit", log.handedToApplyIndex() <= log.commitIndex(), log);
        check("commit <= last index", log.commitIndex() <= log.lastIndex(), log);
        check("durable <= last index", log.durableIndex() <= log.lastIndex(), log);
        check("base <= handed", log.base().index() <= log.handedToApplyIndex(), log);
        check("term of last entry <= term", log.last().term() <= raft.term(), log.last() + " in term " + raft.term());
        Moment now = new Moment(
                raft.hardState(),
                raft.status().role(),
                log.base().index(),
                log.commitIndex(),
                log.appliedIndex(),
                log.last(),
                match);
        if (before != null) {
            checkDelta(before, now);
        }
        before = now;
    }

    private void checkDelta(Moment before, Moment now) {
        HardState was = before.hardState();
        HardState is = now.hardState();
        check("the term never falls", is.term() >= was.term(), was + " -> " + is);
        boolean sameTerm = is.term() == was.term();
        check(
                "one vote per term",
                !sameTerm || was.votedFor() == null || was.votedFor().equals(is.votedFor()),
                was + " -> " + is);
        check("commit never falls", now.commitIndex() >= before.commitIndex(), before + " -> " + now);
        check("applied never falls", now.appliedIndex() >= before.appliedIndex(), before + " -> " + now);
        check("the base never falls", now.baseIndex() >= before.baseIndex(), before + " -> " + now);
        if (sameTerm && before.role() == RaftRole.LEADER) {
            check("nobody leads a term twice", now.role() != RaftRole.CANDIDATE, before + " -> " + now);
            check("a leader only appends", now.last().index() >= before.last().index(), before + " -> " + now);
        }
        if (sameTerm && before.role() == RaftRole.LEADER && now.role() == RaftRole.LEADER) {
            before.match()
                    .forEach((member, match) -> check(
                            "match never falls within a term",
                            now.match().getOrDefault(member, match) >= match || wasDamaged(member),
                            before + " -> " + now));
        }
    }

    private boolean wasDamaged(NodeId member) {
        Progress progress = raft.progress().get(member);
        return progress != null && progress.wasDamaged();
    }

    private static String describe(Progress progress) {
        return progress.state() + " match " + progress.match() + " next " + progress.next();
    }

    private static void check(String invariant, boolean holds, Object values) {
        if (!holds) {
            throw new IllegalStateException("invariant broken: " + invariant + ": " + values);
        }
    }
}
