package dev.quorate.raft.runtime;

import dev.quorate.raft.Output;
import dev.quorate.raft.model.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * Why a proposal or a read failed. The one question that a caller has is answered by {@link #isDefinite}: did nothing happen,
 * or may it have happened, or happen yet?
 */
public abstract sealed class RaftException extends Exception {

    private static final long serialVersionUID = 1L;

    /** Whether nothing happened and nothing will. */
    private final boolean definite;

    private RaftException(String message, boolean definite) {
        // No stack trace: these are answers, made by the thousand when a leader is lost.
        super(message, null, false, false);
        this.definite = definite;
    }

    /** True if nothing happened and nothing will; false if it may have happened, or may yet. */
    public final boolean isDefinite() {
        return definite;
    }

    /**
     * Whether a failure that came out of a future is definite.
     *
     * @param failure what was caught: a {@link RaftException}, or whatever wraps one ({@code ExecutionException}, {@code
     *     CompletionException}); anything else is taken for indefinite
     */
    public static boolean isDefinite(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof RaftException answer) {
                return answer.isDefinite();
            }
        }
        return false;
    }

    /** The asked member does not lead. Definite. */
    public static final class NotLeader extends RaftException {
        private static final long serialVersionUID = 1L;

        private final transient @Nullable NodeId leader;

        /** Names who leads instead, null if nobody is known to. */
        public NotLeader(@Nullable NodeId leader) {
            super(
                    leader == null ? "no leader is known here; try again" : "this member does not lead; ask " + leader,
                    true);
            this.leader = leader;
        }

        /** Who leads as far as is known, or null. */
        public @Nullable NodeId leader() {
            return leader;
        }
    }

    /** A limit is reached; try again later, with less. Definite. */
    public static final class Overloaded extends RaftException {
        private static final long serialVersionUID = 1L;

        /** Says which limit is reached. */
        public Overloaded(String what) {
            super("overloaded: " + what + "; try again later", true);
        }
    }

    /** The command is larger than the group takes. Definite. */
    public static final class TooLarge extends RaftException {
        private static final long serialVersionUID = 1L;

        /** Names the command's size and the limit. */
        public TooLarge(long sizeBytes, long limitBytes) {
            super("a command of " + sizeBytes + " bytes exceeds the limit of " + limitBytes + " bytes; split it", true);
        }
    }

    /** A read could not be confirmed in time. Definite: a read changes nothing. */
    public static final class ReadNotConfirmed extends RaftException {
        private static final long serialVersionUID = 1L;

        /** Says why. */
        public ReadNotConfirmed(String why) {
            super("the read could not be confirmed: " + why + "; try again", true);
        }
    }

    /** The proposal entered the log, or may have, and what became of it is not known. Indefinite. */
    public static final class OutcomeUnknown extends RaftException {
        private static final long serialVersionUID = 1L;

        /** Says why nobody knows. */
        public OutcomeUnknown(String why) {
            super("outcome unknown: " + why + "; the command may have been applied, or may be yet", false);
        }
    }

    /** The leader refused a membership change, a transfer of leadership, or a write during one. Definite. */
    public static final class Refused extends RaftException {
        private static final long serialVersionUID = 1L;

        /** As the core has put it. */
        private final Output.Reason reason;

        Refused(Output.Reason reason) {
            super(text(reason), true);
            this.reason = reason;
        }

        /** Which of the reasons it was. */
        public Output.Reason reason() {
            return reason;
        }

        private static String text(Output.Reason reason) {
            return switch (reason) {
                case TRANSFERRING -> "leadership is being handed over; try again in a moment";
                case CHANGE_IN_FLIGHT -> "an earlier membership change is not finished; try again when it is";
                case LEADER_NOT_READY ->
                    "the leader is new and has committed nothing in its term yet; try again in a moment";
                case WOULD_LOSE_QUORUM ->
                    "of the voters that would be left, no majority answers now; bring them back first, or force the change";
                case NOT_CAUGHT_UP -> "the learner has not caught up with the leader; try again later";
                case ALREADY_A_MEMBER -> "it is a member already";
                case NOT_A_MEMBER -> "no such member";
                case NOT_A_LEARNER -> "only a learner can be promoted";
                case NOT_A_VOTER -> "only a voter can lead or be demoted";
                case NO_VOTER_LEFT -> "nobody would be left to vote";
                case NOTHING_TO_CHANGE -> "the membership is like that already";
                case TOO_MANY_MEMBERS -> "the group would have more members than it can; remove some first";
                case TARGET_UNREACHABLE -> "no member that could lead answers";
                case TRANSFER_FAILED -> "the member that was to lead did not take over in time";
                default -> reason.name();
            };
        }
    }

    /**
     * The group does not know this session any more: it was idle for its timeout in log time, or was closed. Definite if the
     * command was tried once: then it was not applied. Indefinite if an earlier try got no answer, which may have been applied
     * while there was the session. Nothing of it will be applied later, in either case.
     */
    public static final class SessionExpired extends RaftException {
        private static final long serialVersionUID = 1L;

        /** Made by a client session. */
        public SessionExpired(long session, boolean isDefinite) {
            super(
                    "session " + session + " is closed, or was idle for too long; open another one"
                            + (isDefinite ? "" : ". An earlier try of the command may have been applied before"),
                    isDefinite);
        }
    }

    /** The group has as many sessions as its limits allow. Definite. */
    public static final class TooManySessions extends RaftException {
        private static final long serialVersionUID = 1L;

        /** Made by a client session. */
        public TooManySessions() {
            super(
                    "the group remembers as many sessions as its SessionLimits allow; close some, wait until idle ones"
                            + " end, open it with fewer outstanding commands or shorter answers, or raise the limits",
                    true);
        }
    }

    /** The command was applied, once, but its answer was longer than the session remembers. Not definite: it happened. */
    public static final class AnswerNotKept extends RaftException {
        private static final long serialVersionUID = 1L;

        /** Made by a client session. */
        public AnswerNotKept() {
            super(
                    "the command was applied, once; its first answer was lost, and it is longer than the session's"
                            + " maxAnswerBytes, so it was not remembered",
                    false);
        }
    }

    /** The node is not running (any more) and did not take the request. Definite. */
    public static final class Stopped extends RaftException {
        private static final long serialVersionUID = 1L;

        /** Says why the member stopped. */
        public Stopped(String why) {
            super("the node is stopped: " + why, true);
        }
    }
}
