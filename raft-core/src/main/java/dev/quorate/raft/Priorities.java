package dev.quorate.raft;

import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.tracker.Progress;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * When a leader should hand over to a member that is to lead rather than itself ({@link
 * dev.quorate.raft.model.Member#priority}). Not at once: a member that comes and goes would take the office with each of its
 * returns, and each handover costs the group a moment. It has to be fit, answering and holding all that is committed, for
 * {@link #PATIENCE} election timeouts in a row; and after a handover that failed, for twice as long.
 */
final class Priorities {

    /** Ten seconds with the default timeout: a reboot loop is slower or is noticed. */
    static final int PATIENCE = 10;

    private static final int MAX_DOUBLINGS = 3;

    private final Raft raft;
    private final Replication replication;
    private final Map<NodeId, Long> fitSince = new TreeMap<>();
    private int failures;

    Priorities(Raft raft, Replication replication) {
        this.raft = raft;
        this.replication = replication;
    }

    /** Whom to hand over to now, or null. At every tick of a leader. */
    @Nullable
    NodeId successor() {
        int own = Transfer.priority(raft, raft.id());
        NodeId best = null;
        for (NodeId voter : raft.membership().voters()) {
            int priority = Transfer.priority(raft, voter);
            if (priority > own && isSteadilyFit(voter) && (best == null || priority > Transfer.priority(raft, best))) {
                best = voter;
            }
        }
        fitSince.keySet().retainAll(raft.membership().voters());
        return best;
    }

    /** The successor did not take the office. */
    void handoverFailed() {
        failures = Math.min(MAX_DOUBLINGS, failures + 1);
        fitSince.clear();
    }

    private boolean isSteadilyFit(NodeId voter) {
        Progress progress = replication.of(voter);
        boolean isFit = progress != null
                && Transfer.isLive(raft, progress)
                && progress.match() >= raft.log().commitIndex();
        // A busy leader's follower is always a little behind: what counts is that it is in the middle of the stream.
        boolean isFollowing = isFit || (progress != null && isStreaming(progress));
        if (!isFollowing) {
            fitSince.remove(voter);
            return false;
        }
        long since = fitSince.computeIfAbsent(voter, id -> raft.now());
        long patience = (PATIENCE * raft.config().electionTimeoutNanos()) << failures;
        return isFit && raft.now() - since >= patience;
    }

    private boolean isStreaming(Progress progress) {
        return progress.state() == Progress.State.REPLICATE && Transfer.isLive(raft, progress);
    }
}
