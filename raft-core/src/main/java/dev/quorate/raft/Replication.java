package dev.quorate.raft;

import dev.quorate.raft.log.RaftLog;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import dev.quorate.raft.tracker.Progress;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The leader's side of log replication: what to send to whom. Nothing is sent when it happens, all of it when the batch is
 * over, so that a thousand proposals leave as one message per follower.
 */
final class Replication {

    /** How much the log may grow on disk for a follower that is busy with a snapshot: a few GB of small entries. */
    private static final long MAX_KEPT_FOR_SNAPSHOT_ENTRIES = 10_000_000;

    /** How long those who left are told of it, in election timeouts. */
    private static final int FAREWELL_TIMEOUTS = 5;

    private final Raft raft;
    private final Map<NodeId, Progress> progress = new TreeMap<>();
    private final SnapshotSources sources;
    /** Who has left and should still hear of it: one that does not know would go on asking for votes. */
    private final Map<NodeId, Departing> departing = new TreeMap<>();

    /** @param lastIndex the entry that says that it left */
    private record Departing(Progress progress, long lastIndex, long sinceNanos) {}

    Replication(Raft raft) {
        this.raft = raft;
        this.sources = new SnapshotSources(raft, progress, this::isThere);
        membershipChanged();
    }

    void membershipChanged() {
        for (NodeId member : raft.membership().all()) {
            departing.remove(member); // it comes back with a log of its own: nothing that was known of it counts
            if (!member.equals(raft.id()) && !progress.containsKey(member)) {
                progress.put(
                        member,
                        new Progress(
                                raft.log().lastIndex() + 1,
                                raft.config().maxInflightAppends(),
                                raft.config().maxInflightBytes(),
                                raft.now()));
            }
        }
        for (NodeId member : List.copyOf(progress.keySet())) {
            if (!raft.membership().contains(member)) {
                Progress left = Objects.requireNonNull(progress.remove(member));
                departing.put(member, new Departing(left, raft.log().lastIndex(), raft.now()));
            }
        }
    }

    /** Those who have left have heard of it, or have had their time. */
    private void forgetDeparted() {
        departing.values().removeIf(gone -> {
            boolean knows = gone.progress().match() >= gone.lastIndex()
                    && gone.progress().sentCommit() >= gone.lastIndex();
            return knows
                    || raft.now() - gone.sinceNanos()
                            >= FAREWELL_TIMEOUTS * raft.config().electionTimeoutNanos();
        });
    }

    /** Members, and those who have left and do not know it yet. */
    private void forEachServed(BiConsumer<NodeId, Progress> action) {
        progress.forEach(action);
        if (!departing.isEmpty()) {
            departing.forEach((member, gone) -> action.accept(member, gone.progress()));
        }
    }

    private @Nullable Progress served(NodeId member) {
        Progress state = progress.get(member);
        if (state == null && !departing.isEmpty()) {
            Departing gone = departing.get(member);
            return gone == null ? null : gone.progress();
        }
        return state;
    }

    Map<NodeId, Progress> progress() {
        return progress;
    }

    /** What is known of this member; null for this one itself and for strangers. */
    @Nullable
    Progress of(NodeId member) {
        return progress.get(member);
    }

    void heartbeatAll(long round, long promiseNanos) {
        forEachServed((follower, state) -> heartbeat(follower, state, round, promiseNanos));
    }

    private void heartbeat(NodeId follower, Progress state, long round, long promiseNanos) {
        // Never past what is known to match there: the rest of its log may be another leader's.
        long commit = Math.min(state.match(), raft.log().commitIndex());
        raft.send(new Message.Heartbeat(raft.id(), follower, raft.term(), commit, round, promiseNanos));
        state.commitSent(commit);
    }

    /** Time for another try where no answer came. */
    void onHeartbeatInterval() {
        forgetDeparted();
        forEachServed((follower, state) -> {
            boolean offerIsOld =
                    raft.now() - state.snapshotOfferedNanos() >= raft.config().electionTimeoutNanos();
            if (state.state() != Progress.State.SNAPSHOT) {
                state.releaseProbe();
            } else if (offerIsOld) {
                // The offer or its answer may be lost; a follower that is busy with it ignores the second one.
                state.pause();
                state.releaseProbe();
            }
        });
    }

    /**
     * @param round the newest heartbeat round, for followers that only need to hear of a commit
     * @param through what follows this index still gathers
     */
    void sendAll(long round, long through) {
        forEachServed((follower, state) -> sendTo(follower, state, round, through));
    }

    private void sendTo(NodeId follower, Progress state, long round, long through) {
        RaftLog log = raft.log();
        while (state.mayAppend()) {
            if (state.next() < log.firstIndex()) {
                offerSnapshot(follower, state);
                return;
            }
            boolean probing = state.state() == Progress.State.PROBE;
            if (probing && (state.isUnanswered() || state.next() < log.windowFirstIndex())) {
                append(follower, state, List.of());
                return;
            }
            if (state.next() > through) {
                if (probing) {
                    append(follower, state, List.of());
                } else if (state.sentCommit() < Math.min(log.commitIndex(), state.match())) {
                    heartbeat(follower, state, round, 0); // for the commit: it does not begin a round
                }
                return;
            }
            if (state.next() < log.windowFirstIndex()) {
                fetch(follower, state);
                return;
            }
            append(
                    follower,
                    state,
                    log.slice(
                            state.next(),
                            through,
                            raft.config().maxAppendEntries(),
                            raft.config().maxAppendBytes()));
        }
    }

    private void append(NodeId follower, Progress state, List<Entry> entries) {
        RaftLog log = raft.log();
        long prev = state.next() - 1;
        long commit = log.commitIndex();
        raft.send(new Message.AppendEntries(raft.id(), follower, raft.term(), prev, log.termAt(prev), entries, commit));
        long bytes = 0;
        for (Entry entry : entries) {
            bytes += entry.sizeBytes();
        }
        state.sent(prev + entries.size(), bytes);
        state.commitSent(Math.min(commit, prev + entries.size()));
    }

    private void fetch(NodeId follower, Progress state) {
        RaftLog log = raft.log();
        long to = Math.min(
                log.windowFirstIndex() - 1, state.next() + raft.config().maxAppendEntries() - 1);
        raft.out()
                .fetch(new Output.Fetch(
                        follower, raft.term(), state.next(), to, raft.config().maxAppendBytes()));
        state.fetchStarted();
    }

    void fetched(Output.Fetch fetch, List<Entry> entries) {
        Progress state = waitingFor(fetch);
        if (state == null) {
            return;
        }
        state.fetchEnded();
        boolean usable = !entries.isEmpty()
                && entries.get(0).index() == state.next()
                && state.next() >= raft.log().firstIndex();
        if (!usable) {
            state.pause(); // asking again at once would get the same answer, as fast as the disk can give it
        } else if (state.mayAppend()) {
            append(fetch.follower(), state, entries);
        }
    }

    void fetchFailed(Output.Fetch fetch) {
        Progress state = waitingFor(fetch);
        if (state != null) {
            state.fetchEnded();
            state.pause();
        }
    }

    private @Nullable Progress waitingFor(Output.Fetch fetch) {
        Progress state = served(fetch.follower());
        boolean waits =
                state != null && fetch.term() == raft.term() && state.isFetching() && fetch.fromIndex() == state.next();
        return waits ? state : null;
    }

    private void offerSnapshot(NodeId follower, Progress state) {
        SnapshotSources.Source source = sources.choose(follower, state);
        if (source == null) {
            state.pause(); // none that reaches the log: wait for the next one to be taken
            return;
        }
        SnapshotMeta snapshot = source.snapshot();
        raft.send(new Message.InstallSnapshot(raft.id(), follower, raft.term(), snapshot, source.member()));
        state.snapshotOffered(snapshot.index(), source.member(), raft.now());
    }

    /**
     * The log must not be compacted past this: a follower that installs a snapshot will ask for what follows it. Compacting
     * while it works would make it start again with the next snapshot, and under load for ever. One that is gone does not
     * count, and none counts for more than {@link #MAX_KEPT_FOR_SNAPSHOT_ENTRIES}.
     */
    long compactionLimit() {
        long limit = Long.MAX_VALUE;
        for (Progress state : progress.values()) {
            boolean isTooOld = raft.log().lastIndex() - state.oldestOfferIndex() > MAX_KEPT_FOR_SNAPSHOT_ENTRIES;
            if (isThere(state) && !isTooOld) {
                limit = Math.min(limit, state.oldestOfferIndex());
            }
        }
        return limit;
    }

    private boolean isThere(Progress state) {
        return raft.now() - state.lastContactNanos() < raft.config().electionTimeoutNanos();
    }

    /** Returns true if the follower is known to hold more than before. */
    boolean accepted(Message.AppendEntriesAccepted message) {
        Progress state = served(message.from());
        if (state == null || message.matchIndex() > raft.log().lastIndex()) {
            return false;
        }
        state.contact(raft.now());
        return state.accepted(message.matchIndex());
    }

    void rejected(Message.AppendEntriesRejected message) {
        Progress state = served(message.from());
        if (state == null) {
            return;
        }
        state.contact(raft.now());
        long hint = Math.min(message.hintIndex(), message.prevLogIndex());
        state.refused(message.prevLogIndex(), raft.log().lastIndexWithTermAtMost(hint, message.hintTerm()));
    }

    void snapshotAnswered(Message.InstallSnapshotResult message) {
        Progress state = served(message.from());
        if (state == null || message.lastIncludedIndex() > raft.log().lastIndex()) {
            return;
        }
        state.contact(raft.now());
        state.offerAnswered();
        if (message.installed()) {
            state.snapshotInstalled(message.lastIncludedIndex());
        } else if (state.state() == Progress.State.SNAPSHOT) {
            state.offerFailed(raft.id());
        }
    }

    /**
     * The follower is there, but entries that were sent long ago are not acknowledged: the last ones may be lost, with
     * nothing behind them to make the gap show. An empty append right after them is refused if they are.
     */
    void checkForLoss(NodeId follower, Progress state) {
        if (state.state() != Progress.State.REPLICATE || state.match() >= state.next() - 1) {
            return;
        }
        if (state.next() > raft.log().base().index()) {
            append(follower, state, List.of());
        } else {
            state.unreachable(); // what is missing there is compacted away here: it takes a snapshot
        }
    }

    /** The follower's log is damaged, and holds nothing past this. */
    void damaged(NodeId follower, long lastIndex) {
        Progress state = served(follower);
        if (state != null) {
            state.contact(raft.now());
            state.damaged(lastIndex, raft.now());
        }
    }

    void unreachable(NodeId follower) {
        Progress state = served(follower);
        if (state != null) {
            state.unreachable();
        }
    }
}
