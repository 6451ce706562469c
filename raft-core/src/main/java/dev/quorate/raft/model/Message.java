package dev.quorate.raft.model;

import java.util.List;

/**
 * What members say to each other. Field names are those of the Raft paper's figure 2 where it has them; no field means two
 * things. {@code term} is always the sender's current term.
 *
 * <p>The network may lose, delay, reorder and repeat any message; none of that may do more than cost time.
 */
public sealed interface Message {

    /** Who sent it. */
    NodeId from();

    /** For whom it is. */
    NodeId to();

    /** The sender's current term. */
    long term();

    /** Hands this message to the method that is for it: a new kind does not compile until every handler has decided. */
    void dispatch(Handler handler);

    /**
     * Asks whether an election could be won, and changes nothing at the receiver (thesis §9.6).
     *
     * @param term the sender's term, which it does <em>not</em> raise for asking
     * @param candidateTerm the term the sender would campaign in
     */
    record PreVote(NodeId from, NodeId to, long term, long candidateTerm, long lastLogIndex, long lastLogTerm)
            implements Message {
        @Override
        public void dispatch(Handler handler) {
            handler.onPreVote(this);
        }
    }

    /** @param candidateTerm the term that was asked for: an answer to an older question counts for nothing */
    record PreVoteResult(NodeId from, NodeId to, long term, long candidateTerm, boolean voteGranted)
            implements Message {
        @Override
        public void dispatch(Handler handler) {
            handler.onPreVoteResult(this);
        }
    }

    /**
     * @param leadershipTransfer true if the leader asked for this election: stickiness does not apply (thesis §4.2.3)
     * @param releasedRound what was promised to that leader in heartbeat rounds up to this one it has given back; 0 if no
     *     leader asked
     */
    record RequestVote(
            NodeId from,
            NodeId to,
            long term,
            long lastLogIndex,
            long lastLogTerm,
            boolean leadershipTransfer,
            long releasedRound)
            implements Message {
        @Override
        public void dispatch(Handler handler) {
            handler.onRequestVote(this);
        }
    }

    /** Grants or refuses a vote, when that is durable (figure 2). */
    record RequestVoteResult(NodeId from, NodeId to, long term, boolean voteGranted) implements Message {
        @Override
        public void dispatch(Handler handler) {
            handler.onRequestVoteResult(this);
        }
    }

    /**
     * Entries that follow {@code prevLogIndex} without a gap; none to ask whether the logs agree there (figure 2).
     */
    record AppendEntries(
            NodeId from,
            NodeId to,
            long term,
            long prevLogIndex,
            long prevLogTerm,
            List<Entry> entries,
            long leaderCommit)
            implements Message {
        /** Copies the list, not the entries. */
        public AppendEntries {
            entries = List.copyOf(entries);
        }

        @Override
        public void dispatch(Handler handler) {
            handler.onAppendEntries(this);
        }
    }

    /** @param matchIndex up to here the sender's log equals the leader's <em>and is durable</em> */
    record AppendEntriesAccepted(NodeId from, NodeId to, long term, long matchIndex) implements Message {
        @Override
        public void dispatch(Handler handler) {
            handler.onAppendEntriesAccepted(this);
        }
    }

    /**
     * @param prevLogIndex the refused message's {@code prevLogIndex}, so that a stale refusal is told from a fresh one
     * @param hintIndex the largest index at or below {@code prevLogIndex} where the logs could still agree
     * @param hintTerm the term of the sender's entry at {@code hintIndex}
     */
    record AppendEntriesRejected(NodeId from, NodeId to, long term, long prevLogIndex, long hintIndex, long hintTerm)
            implements Message {
        @Override
        public void dispatch(Handler handler) {
            handler.onAppendEntriesRejected(this);
        }
    }

    /**
     * Keeps followers quiet and confirms read rounds; small, so that it never waits behind entries.
     *
     * @param leaderCommit never past what the receiver is known to match: its tail may be another leader's
     * @param round the leader's count of heartbeat rounds in this term; echoed
     * @param promiseNanos for how long from receipt the receiver should vote for nobody else, 0 while the leader
     *     hands its office over
     */
    record Heartbeat(NodeId from, NodeId to, long term, long leaderCommit, long round, long promiseNanos)
            implements Message {
        @Override
        public void dispatch(Handler handler) {
            handler.onHeartbeat(this);
        }
    }

    /**
     * @param snapshotIndex where the newest snapshot is that others can fetch from the sender, 0 if there is none
     * @param promisedNanos for how long from receipt the sender votes for nobody else, 0 if it promises nothing
     */
    record HeartbeatResult(NodeId from, NodeId to, long term, long round, long snapshotIndex, long promisedNanos)
            implements Message {
        @Override
        public void dispatch(Handler handler) {
            handler.onHeartbeatResult(this);
        }
    }

    /**
     * Offers a snapshot. The receiver fetches its files beside the message stream, then answers.
     *
     * @param source who has it: the leader, or a follower of it
     */
    record InstallSnapshot(NodeId from, NodeId to, long term, SnapshotMeta snapshot, NodeId source) implements Message {
        @Override
        public void dispatch(Handler handler) {
            handler.onInstallSnapshot(this);
        }
    }

    /** @param installed false if the receiver could not fetch or install it: the leader offers again later */
    record InstallSnapshotResult(NodeId from, NodeId to, long term, long lastIncludedIndex, boolean installed)
            implements Message {
        @Override
        public void dispatch(Handler handler) {
            handler.onInstallSnapshotResult(this);
        }
    }

    /**
     * A follower asks the leader from which index on its own state is fresh enough (thesis §6.4).
     *
     * @param byLease true if the leader may answer without a round while it holds a lease
     */
    record ReadIndex(NodeId from, NodeId to, long term, long request, boolean byLease) implements Message {
        @Override
        public void dispatch(Handler handler) {
            handler.onReadIndex(this);
        }
    }

    /** @param readIndex the answer; 0 if {@code outcome} is not {@link Outcome#CONFIRMED} */
    record ReadIndexResult(NodeId from, NodeId to, long term, long request, Outcome outcome, long readIndex)
            implements Message {

        /** What became of the question. */
        public enum Outcome {
            /** A quorum has confirmed that the asked member leads. */
            CONFIRMED,
            /** The asked member does not lead, or leads no more. */
            NOT_LEADER,
            /** Too many reads wait at the leader already. */
            OVERLOADED
        }

        @Override
        public void dispatch(Handler handler) {
            handler.onReadIndexResult(this);
        }
    }

    /**
     * Proposals that reached a follower, on their way to the leader.
     *
     * @param incarnation which life of the sender this is: with {@code batch} it lets the leader drop a repeated message
     * @param batch the sender's count of such messages in this life, from 1
     */
    record Propose(NodeId from, NodeId to, long term, long incarnation, long batch, List<byte[]> payloads)
            implements Message {
        /** Copies the list, not the payloads. */
        public Propose {
            payloads = List.copyOf(payloads);
        }

        @Override
        public void dispatch(Handler handler) {
            handler.onPropose(this);
        }
    }

    /**
     * Where forwarded proposals stand in the log: the first {@code accepted} of them from {@code firstIndex} on, with this
     * message's term. The rest were refused and will never be applied.
     */
    record ProposeResult(NodeId from, NodeId to, long term, long incarnation, long batch, int accepted, long firstIndex)
            implements Message {
        @Override
        public void dispatch(Handler handler) {
            handler.onProposeResult(this);
        }
    }

    /**
     * Tells the receiver to campaign at once (thesis §3.10).
     *
     * @param releasedRound the sender gives back what it was promised in heartbeat rounds up to this one
     */
    record TimeoutNow(NodeId from, NodeId to, long term, long releasedRound) implements Message {
        @Override
        public void dispatch(Handler handler) {
            handler.onTimeoutNow(this);
        }
    }

    /**
     * The sender's log has lost entries that it acknowledged: what it is known to hold ends at {@code lastIndex} at most, whatever
     * it said before.
     *
     * @param incarnation the sender's life; echoed
     */
    record Damaged(NodeId from, NodeId to, long term, long incarnation, long lastIndex) implements Message {
        @Override
        public void dispatch(Handler handler) {
            handler.onDamaged(this);
        }
    }

    /**
     * A leader has heard that the receiver's log is damaged.
     *
     * @param incarnation of the receiver when it said so
     * @param lastIndex where the leader's log ends
     */
    record DamageNoted(NodeId from, NodeId to, long term, long incarnation, long lastIndex) implements Message {
        @Override
        public void dispatch(Handler handler) {
            handler.onDamageNoted(this);
        }
    }

    /** One method for each kind of message. */
    interface Handler {
        /** One of the kind {@link PreVote} has come. */
        void onPreVote(PreVote message);

        /** One of the kind {@link PreVoteResult} has come. */
        void onPreVoteResult(PreVoteResult message);

        /** One of the kind {@link RequestVote} has come. */
        void onRequestVote(RequestVote message);

        /** One of the kind {@link RequestVoteResult} has come. */
        void onRequestVoteResult(RequestVoteResult message);

        /** One of the kind {@link AppendEntries} has come. */
        void onAppendEntries(AppendEntries message);

        /** One of the kind {@link AppendEntriesAccepted} has come. */
        void onAppendEntriesAccepted(AppendEntriesAccepted message);

        /** One of the kind {@link AppendEntriesRejected} has come. */
        void onAppendEntriesRejected(AppendEntriesRejected message);

        /** One of the kind {@link Heartbeat} has come. */
        void onHeartbeat(Heartbeat message);

        /** One of the kind {@link HeartbeatResult} has come. */
        void onHeartbeatResult(HeartbeatResult message);

        /** One of the kind {@link InstallSnapshot} has come. */
        void onInstallSnapshot(InstallSnapshot message);

        /** One of the kind {@link InstallSnapshotResult} has come. */
        void onInstallSnapshotResult(InstallSnapshotResult message);

        /** One of the kind {@link ReadIndex} has come. */
        void onReadIndex(ReadIndex message);

        /** One of the kind {@link ReadIndexResult} has come. */
        void onReadIndexResult(ReadIndexResult message);

        /** One of the kind {@link Propose} has come. */
        void onPropose(Propose message);

        /** One of the kind {@link ProposeResult} has come. */
        void onProposeResult(ProposeResult message);

        /** One of the kind {@link TimeoutNow} has come. */
        void onTimeoutNow(TimeoutNow message);

        /** One of the kind {@link Damaged} has come. */
        void onDamaged(Damaged message);

        /** One of the kind {@link DamageNoted} has come. */
        void onDamageNoted(DamageNoted message);
    }
}
