package dev.quorate.kv.rpc;

import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.KvException;
import dev.quorate.kv.mvcc.StoreClosedException;
import dev.quorate.raft.Output;
import dev.quorate.raft.runtime.RaftException;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.concurrent.CompletionException;

/**
 * What clients are told when something fails: etcd's codes and texts, and beside them in the trailers whether the request
 * may have been carried out. That is what a client must know before it tries again; etcd's codes do not say it.
 */
final class Errors {

    /** In the trailers of every error of ours: {@link #DEFINITE} or {@link #INDEFINITE}. */
    static final Metadata.Key<String> OUTCOME = Metadata.Key.of("quorate-outcome", Metadata.ASCII_STRING_MARSHALLER);

    /** Nothing happened, and nothing will. */
    static final String DEFINITE = "definite";

    /** It may have happened, or may yet. */
    static final String INDEFINITE = "indefinite";

    private Errors() {}

    static Status status(KvError error) {
        return error.code().toStatus().withDescription(error.text());
    }

    private static KvError error(RaftException failure) {
        if (failure instanceof RaftException.NotLeader) {
            return KvError.NO_LEADER;
        }
        if (failure instanceof RaftException.Overloaded) {
            return KvError.TOO_MANY_REQUESTS;
        }
        if (failure instanceof RaftException.TooLarge) {
            return KvError.REQUEST_TOO_LARGE;
        }
        if (failure instanceof RaftException.Stopped) {
            return KvError.STOPPED;
        }
        if (failure instanceof RaftException.Refused refused) {
            return error(refused.reason());
        }
        return KvError.TIMEOUT; // an unknown outcome, or a read that was not confirmed
    }

    private static KvError error(Output.Reason reason) {
        return switch (reason) {
            case CHANGE_IN_FLIGHT, LEADER_NOT_READY, TRANSFERRING -> KvError.UNHEALTHY;
            case WOULD_LOSE_QUORUM, NO_VOTER_LEFT -> KvError.NOT_ENOUGH_STARTED;
            case ALREADY_A_MEMBER -> KvError.MEMBER_EXISTS;
            case NOT_A_MEMBER -> KvError.MEMBER_NOT_FOUND;
            case NOT_A_LEARNER -> KvError.NOT_A_LEARNER;
            case NOT_CAUGHT_UP -> KvError.LEARNER_NOT_READY;
            case NOT_A_VOTER, TARGET_UNREACHABLE -> KvError.BAD_TRANSFEREE;
            default -> KvError.TIMEOUT;
        };
    }

    /** What to say about a failure of the node or the store. */
    static Status status(Throwable thrown) {
        Throwable failure = cause(thrown);
        if (failure instanceof KvException refused) {
            return status(refused.error());
        }
        if (failure instanceof RaftException raft) {
            return status(error(raft));
        }
        if (failure instanceof StoreClosedException) {
            return status(KvError.STOPPED);
        }
        return Status.INTERNAL.withDescription("quorate: " + failure.getMessage());
    }

    /** Whether a failed write certainly did not happen. */
    static boolean isDefinite(Throwable thrown) {
        Throwable failure = cause(thrown);
        return failure instanceof KvException || (failure instanceof RaftException raft && raft.isDefinite());
    }

    private static Throwable cause(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure instanceof CompletionException && cause != null ? cause : failure;
    }

    static Metadata trailers(boolean isDefinite) {
        Metadata trailers = new Metadata();
        trailers.put(OUTCOME, isDefinite ? DEFINITE : INDEFINITE);
        return trailers;
    }
}
