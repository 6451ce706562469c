package dev.quorate.raft;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything a {@link Raft} wants done after a batch of verbs. The driver acts on the parts in the order of the fields;
 * {@code send} and {@code persist} may run beside each other.
 *
 * @param send messages that may leave at once
 * @param persist the batch's one write, null if there is nothing to write and nothing waits for a write
 * @param accepted where proposals of this node now stand in the log; announce them before {@code apply}
 * @param changes where membership changes of this node now stand in the log, by the id of the request
 * @param apply what the state machine may apply, null if nothing new
 * @param fetch reads of older entries, for slow followers; answer each with {@link Raft#fetched} or {@link Raft#fetchFailed}
 * @param install a snapshot to fetch and install; answer with {@link Raft#snapshotInstalled} or
 *     {@link Raft#snapshotFailed}; null if none
 * @param reads reads that may be served as soon as the state machine has applied up to their index
 * @param rejected requests that end here
 * @param transferred transfers of leadership that are done, by the id of the request: the wanted member leads
 * @param roleChange the role, the term or the known leader after this batch, null if all are as before
 * @param fenced why this member must stop at once: what it was told contradicts what is committed, and going on would damage
 *     more; it ignores every verb from now on. Null as long as all is well.
 */
public record Output(
        List<Message> send,
        @Nullable Persist persist,
        List<Accepted> accepted,
        List<Accepted> changes,
        @Nullable Apply apply,
        List<Fetch> fetch,
        @Nullable Install install,
        List<ReadState> reads,
        List<Rejected> rejected,
        List<Long> transferred,
        @Nullable RoleChange roleChange,
        @Nullable String fenced) {

    /**
     * A proposal has its place. It may still be lost with its leadership: what decides is which term the entry has that is
     * applied at this index. The same term: this proposal was done. Another: it never happens.
     */
    public record Accepted(long proposalId, EntryId position) {}

    /**
     * Committed <em>and</em> durable here, so that a restart never finds a state machine ahead of its log.
     *
     * @param lastIndex the state machine may apply everything up to this
     * @param entries the newest part of what is to be applied, ending at {@code lastIndex}; what is missing before the
     *     first of them is read from the durable log
     */
    public record Apply(long lastIndex, List<Entry> entries) {}

    /**
     * Read entries from the durable log for a follower that is behind the window.
     *
     * @param toIndex inclusive; fewer may be returned, from the start
     * @param maxBytes stop at this many bytes, but return at least one entry
     */
    public record Fetch(NodeId follower, long term, long fromIndex, long toIndex, long maxBytes) {}

    /**
     * Fetch {@code snapshot} and install it in the state machine.
     *
     * @param source which member has it: the leader, or a follower that relieves it
     */
    public record Install(NodeId source, SnapshotMeta snapshot) {}

    /** The read may be served once the state machine has applied {@code readIndex}. */
    public record ReadState(long readId, long readIndex) {}

    /**
     * @param leader whom to ask instead, null if unknown
     */
    public record Rejected(
            Kind kind, long id, Reason reason, @Nullable NodeId leader) {
        /** What was asked for. */
        public enum Kind {
            /** {@link Raft#propose}. */
            PROPOSAL,
            /** {@link Raft#readIndex}. */
            READ,
            /** {@link Raft#changeMembership}. */
            CHANGE,
            /** {@link Raft#transferLeadership}. */
            TRANSFER
        }
    }

    /** Why a request ended without success. */
    public enum Reason {
        /** Nobody leads as far as this member knows. Nothing happened. */
        NO_LEADER(true),
        /** The asked member does not lead, or leads no more. Nothing happened. */
        NOT_LEADER(true),
        /** A limit on uncommitted or outstanding work is reached. Nothing happened. */
        OVERLOADED(true),
        /** The proposal went to a leader that did not answer in time: it may have happened, or may yet. */
        OUTCOME_UNKNOWN(false),
        /** The read could not be confirmed. A read changes nothing. */
        NOT_CONFIRMED(true),
        /** The leader is handing its office over and takes nothing in; it is over within an election timeout. Nothing happened. */
        TRANSFERRING(true),
        /** An earlier membership change is not committed yet, or its joint membership not left. Nothing happened. */
        CHANGE_IN_FLIGHT(true),
        /**
         * The leader has not committed an entry of its term yet, and a change before that could leave two leaders with
         * disjoint quorums (Ongaro, raft-dev, July 2015). Nothing happened; try again in a moment.
         */
        LEADER_NOT_READY(true),
        /** Of the voters that the change would leave, no majority answers now. Nothing happened. */
        WOULD_LOSE_QUORUM(true),
        /** The learner that is to be promoted has not caught up. Nothing happened. */
        NOT_CAUGHT_UP(true),
        /** Who is to be added belongs to the group. Nothing happened. */
        ALREADY_A_MEMBER(true),
        /** Who is meant does not belong to the group. Nothing happened. */
        NOT_A_MEMBER(true),
        /** Who is to be promoted votes already. Nothing happened. */
        NOT_A_LEARNER(true),
        /** Who is to be demoted, or to lead, does not vote. Nothing happened. */
        NOT_A_VOTER(true),
        /** The change would leave nobody to vote. Nothing happened. */
        NO_VOTER_LEFT(true),
        /** The membership is like that already. Nothing happened. */
        NOTHING_TO_CHANGE(true),
        /** A group cannot have that many members. Nothing happened. */
        TOO_MANY_MEMBERS(true),
        /** The member that is to lead does not answer, or no other could lead. Nothing happened. */
        TARGET_UNREACHABLE(true),
        /** The member that was to lead did not get ready in time, or another one leads. It does not lead. */
        TRANSFER_FAILED(true);

        private final boolean definite;

        Reason(boolean definite) {
            this.definite = definite;
        }

        /** True if nothing happened and nothing will. */
        public boolean isDefinite() {
            return definite;
        }
    }

    /** @param leader who leads in {@code term}, null if unknown */
    public record RoleChange(
            RaftRole role, long term, @Nullable NodeId leader) {}
}
