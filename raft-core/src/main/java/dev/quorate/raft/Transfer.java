package dev.quorate.raft;

import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.tracker.Progress;
import org.jspecify.annotations.Nullable;

/**
 * A leader on its way to hand over its office (thesis §3.10): it takes nothing in, so that the target can catch up; tells the
 * target to campaign when it holds the whole log; and leads on if that has brought nothing within an election timeout.
 */
final class Transfer {

    private final Raft raft;
    private final Replication replication;
    private final NodeId target;
    private final long startNanos;
    private boolean wasTold;
    private long toldNanos;

    Transfer(Raft raft, Replication replication, NodeId target) {
        this.raft = raft;
        this.replication = replication;
        this.target = target;
        this.startNanos = raft.now();
    }

    NodeId target() {
        return target;
    }

    /** True if the target may campaign: it may win yet, whatever this leader does. */
    boolean wasTold() {
        return wasTold;
    }

    boolean isOver() {
        return raft.now() - startNanos >= raft.config().electionTimeoutNanos();
    }

    /**
     * Tells the target if it is ready; again after a while, because the message may be lost.
     *
     * @param round the newest heartbeat round: what was promised up to it is given back
     */
    void drive(long round) {
        Progress progress = replication.of(target);
        boolean isDue = !wasTold || raft.now() - toldNanos >= raft.config().heartbeatIntervalNanos();
        if (isDue && progress != null && progress.match() == raft.log().lastIndex()) {
            wasTold = true;
            toldNanos = raft.now();
            raft.send(new Message.TimeoutNow(raft.id(), target, raft.term(), round));
        }
    }

    /** Who could take over soonest: a voter that answers and holds the most; of equals the one with the larger priority. */
    static @Nullable NodeId bestTarget(Raft raft, Replication replication) {
        NodeId best = null;
        long bestMatch = -1;
        for (NodeId voter : raft.membership().voters()) {
            Progress progress = replication.of(voter);
            if (progress == null || !isLive(raft, progress)) {
                continue;
            }
            boolean isBetter = progress.match() > bestMatch
                    || (progress.match() == bestMatch && best != null && priority(raft, voter) > priority(raft, best));
            if (isBetter) {
                best = voter;
                bestMatch = progress.match();
            }
        }
        return best;
    }

    static boolean isLive(Raft raft, Progress progress) {
        return raft.now() - progress.lastContactNanos() < raft.config().electionTimeoutNanos();
    }

    static int priority(Raft raft, NodeId member) {
        return raft.membership().member(member).priority();
    }
}
