package dev.quorate.raft.runtime;

import dev.quorate.raft.Output;
import dev.quorate.raft.Raft;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the embedder asked for and nobody has answered yet. The raft thread owns it.
 *
 * <pre>
 *   Mailbox ──▶ held, while no leader is known ──▶ the core, under a number ──▶ accepted, read state or rejected
 *                 │ its time is over: NotLeader     │ its time is over: OutcomeUnknown, ReadNotConfirmed
 * </pre>
 */
final class Requests<R> {

    /** Proposals that may be without an answer; more are refused. At 200,000 per second that is the default timeout. */
    private static final int MAX_UNANSWERED_PROPOSALS = 1 << 20;

    /** What one turn takes at most, so that a flood of requests cannot keep the clock or the peers waiting. */
    private static final int MAX_PER_TURN = 8_192;

    /** How many bounds of staleness are told apart in one go, so that finding the right one costs little. */
    private static final int MAX_BATCHES_PER_TURN = 16;

    private final Raft raft;
    private final Mailbox mailbox;
    private final ApplyLoop<R> applyLoop;
    private final long leaderWaitNanos;

    private final NodeClock clock;
    private final List<ReadBatch> gathering = new ArrayList<>();
    private final HeldRequests held;
    private final RequestWindow<Proposal<R>> proposals = new RequestWindow<>();
    private final RequestWindow<ReadBatch> reads = new RequestWindow<>();
    /** Reads that lost their leader: they change nothing, so they may be asked again. */
    private final ArrayDeque<Long> readsToRepeat = new ArrayDeque<>();

    Requests(RaftNode.Options options, Raft raft, NodeClock clock, Mailbox mailbox, ApplyLoop<R> applyLoop) {
        this.raft = raft;
        this.clock = clock;
        this.mailbox = mailbox;
        this.applyLoop = applyLoop;
        this.leaderWaitNanos = options.leaderWait().toNanos();
        this.held = new HeldRequests(options.mailboxCapacity(), options.raft().maxUncommittedBytes(), leaderWaitNanos);
    }

    /** Takes what has come, and what was held if somebody leads now. Returns false if there was nothing. */
    boolean take(long nowNanos) {
        if (raft.leader() == null || raft.isHandingOver()) {
            return hold(nowNanos);
        }
        List<byte[]> commands = new ArrayList<>();
        long firstProposal = proposals.nextNumber();
        int taken = 0;
        for (Request request = next(); request != null; request = next()) {
            if (nowNanos - request.deadlineNanos() >= 0) {
                request.refuse(new RaftException.Overloaded("it waited for its whole request timeout"));
            } else if (request instanceof Read read) {
                gather(read, nowNanos);
            } else if (proposals.size() < MAX_UNANSWERED_PROPOSALS) {
                Proposal<R> proposal = ours(request);
                proposals.add(proposal);
                commands.add(proposal.takeCommand());
            } else {
                request.refuse(new RaftException.Overloaded(
                        MAX_UNANSWERED_PROPOSALS + " proposals already wait for an answer"));
            }
            if (++taken == MAX_PER_TURN) {
                break;
            }
        }
        if (!commands.isEmpty()) {
            raft.propose(firstProposal, commands);
        }
        askForReads();
        return taken > 0;
    }

    private void gather(Read read, long nowNanos) {
        for (ReadBatch batch : gathering) { // one for each consistency: few
            if (batch.consistency().equals(read.consistency())) {
                batch.add(read);
                return;
            }
        }
        ReadBatch batch = new ReadBatch(read.consistency(), nowNanos + leaderWaitNanos);
        batch.add(read);
        gathering.add(batch);
        if (gathering.size() == MAX_BATCHES_PER_TURN) {
            askForReads();
        }
    }

    /** The clock is read after the last of them was taken: before, a pause could lie between a good lease and its use. */
    private void askForReads() {
        if (gathering.isEmpty()) {
            return;
        }
        clock.tell(raft);
        for (ReadBatch batch : gathering) {
            long number = reads.nextNumber();
            reads.add(batch);
            raft.read(number, batch.consistency());
        }
        gathering.clear();
    }

    private @Nullable Request next() {
        return held.isEmpty() ? mailbox.pollRequest() : held.poll();
    }

    private boolean hold(long nowNanos) {
        int taken = 0;
        for (Request request = mailbox.pollRequest(); request != null; request = mailbox.pollRequest()) {
            if (request instanceof Read read && raft.isFreshEnough(read.consistency())) {
                gather(read, nowNanos); // needs no leader, if a look at the clock confirms that
            } else {
                held.hold(request, nowNanos);
            }
            if (++taken == MAX_PER_TURN) {
                break;
            }
        }
        askForReads();
        return taken > 0;
    }

    @SuppressWarnings("unchecked") // RaftNode<R> puts no other proposals into its mailbox
    private Proposal<R> ours(Request request) {
        return (Proposal<R>) request;
    }

    /** Time has passed. Before the turn's output is taken: what is asked again here is part of it. */
    void tick(long nowNanos) {
        held.expire(nowNanos);
        // At the pace of the clock: a member that has just lost its office refuses as fast as it is asked.
        for (int waiting = readsToRepeat.size(); waiting > 0; waiting--) {
            repeatRead(readsToRepeat.remove(), nowNanos);
        }
    }

    private void repeatRead(long number, long nowNanos) {
        ReadBatch batch = reads.get(number);
        if (batch == null || batch.isDone()) {
            return;
        }
        boolean isLed = raft.leader() != null;
        if (batch.mayBeRepeated(nowNanos) && isLed) {
            clock.tell(raft);
            raft.read(number, batch.consistency());
        } else if (batch.mayBeRepeated(nowNanos)) {
            readsToRepeat.add(number);
        } else {
            batch.fail(
                    isLed
                            ? new RaftException.ReadNotConfirmed("the leader that was asked lost its office")
                            : new RaftException.NotLeader(null));
        }
    }

    /** The turn is over: lets go of what is answered and, once per tick, of what is overdue. */
    void endTurn(boolean ticked, long nowNanos) {
        proposals.trim();
        reads.trim();
        if (ticked) {
            proposals.expire(nowNanos);
            reads.expire(nowNanos);
        }
    }

    void adopt(List<Output.Accepted> accepted) {
        if (accepted.isEmpty()) {
            return;
        }
        List<Proposal<R>> placed = new ArrayList<>(accepted.size());
        for (Output.Accepted each : accepted) {
            Proposal<R> proposal = proposals.get(each.proposalId());
            if (proposal != null && !proposal.isDone()) {
                proposal.place(each.position());
                placed.add(proposal);
            }
        }
        applyLoop.adopt(placed);
    }

    void serve(Output.ReadState confirmed) {
        ReadBatch batch = reads.get(confirmed.readId());
        if (batch != null) {
            applyLoop.serve(batch, confirmed.readIndex());
        }
    }

    void reject(Output.Rejected rejected, long nowNanos) {
        if (rejected.kind() == Output.Rejected.Kind.READ) {
            rejectRead(rejected, nowNanos);
            return;
        }
        Proposal<R> proposal = proposals.get(rejected.id());
        if (proposal != null) {
            proposal.completeExceptionally(exception(rejected));
        }
    }

    private void rejectRead(Output.Rejected rejected, long nowNanos) {
        ReadBatch batch = reads.get(rejected.id());
        if (batch == null) {
            return;
        }
        if (rejected.reason() != Output.Reason.OVERLOADED && batch.mayBeRepeated(nowNanos)) {
            readsToRepeat.add(rejected.id());
        } else {
            batch.fail(exception(rejected));
        }
    }

    static RaftException exception(Output.Rejected rejected) {
        return switch (rejected.reason()) {
            case NO_LEADER -> new RaftException.NotLeader(null);
            case NOT_LEADER -> new RaftException.NotLeader(rejected.leader());
            case OVERLOADED -> new RaftException.Overloaded("too much is on its way through the log");
            case OUTCOME_UNKNOWN -> new RaftException.OutcomeUnknown("the leader did not answer, or lost its office");
            case NOT_CONFIRMED -> new RaftException.ReadNotConfirmed("no leader vouched for it");
            default -> new RaftException.Refused(rejected.reason());
        };
    }

    /** The raft thread's last act: nobody is left waiting. */
    void answerEverybody() {
        held.refuseAll(new RaftException.Stopped("it stopped while the request waited for a leader"));
        proposals.drain(proposal ->
                proposal.completeExceptionally(new RaftException.OutcomeUnknown("this member stopped meanwhile")));
        reads.drain(batch -> batch.fail(new RaftException.Stopped("it stopped before the read was confirmed")));
        mailbox.abandon();
    }
}
