package dev.quorate.raft.runtime;

import dev.quorate.raft.Output;
import dev.quorate.raft.Raft;
import dev.quorate.raft.RaftConfig;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.WriteMark;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The raft thread: owns the {@link Raft}. Each turn takes what waits in the mailbox, tells the core, takes one {@link Output}
 * and acts on it in the order of its fields. It never waits for a disk, a peer or the state machine.
 */
final class RaftLoop<R> implements Runnable {

    private static final System.Logger LOG = System.getLogger(RaftNode.class.getName());

    /** What one turn takes at most, so that a flood of one sort cannot keep the clock or the others waiting. */
    private static final int MAX_MESSAGES_PER_TURN = 1_024;

    private static final int MAX_REQUESTS_PER_TURN = 8_192;
    /** Proposals that may be without an answer; more are refused. At 200,000 per second that is the default timeout. */
    private static final int MAX_UNANSWERED_PROPOSALS = 1 << 20;

    private final NodeId id;
    private final Raft raft;
    private final Mailbox mailbox;
    private final Transport transport;
    private final LogWriter logWriter;
    private final ApplyLoop<R> applyLoop;
    private final Consumer<Output.Fetch> fetcher;
    private final Consumer<Output.Install> installer;
    private final Fence fence;
    private final long tickNanos;

    private final RequestWindow<Proposal<R>> proposals = new RequestWindow<>();
    private final RequestWindow<ReadBatch> reads = new RequestWindow<>();
    private long nextTickNanos;
    private long reportedAppliedIndex;
    private Membership peersOf;

    private volatile RaftStatus status;

    RaftLoop(
            Raft raft,
            RaftConfig config,
            Mailbox mailbox,
            Transport transport,
            LogWriter logWriter,
            ApplyLoop<R> applyLoop,
            Consumer<Output.Fetch> fetcher,
            Consumer<Output.Install> installer,
            Fence fence) {
        this.id = config.id();
        this.raft = raft;
        this.mailbox = mailbox;
        this.transport = transport;
        this.logWriter = logWriter;
        this.applyLoop = applyLoop;
        this.fetcher = fetcher;
        this.installer = installer;
        this.fence = fence;
        this.tickNanos = config.heartbeatIntervalNanos() / 2;
        this.status = raft.status();
        this.peersOf = status.membership();
        this.reportedAppliedIndex = applyLoop.appliedIndex();
    }

    /** As of the last turn. Any thread. */
    RaftStatus status() {
        return status;
    }

    @Override
    public void run() {
        try {
            nextTickNanos = System.nanoTime();
            while (!mailbox.isClosed()) {
                if (!turn(System.nanoTime())) {
                    mailbox.sleep(nextTickNanos - System.nanoTime());
                }
            }
        } catch (Throwable e) {
            fence.stopNode("the raft thread failed", e);
        } finally {
            answerEverybody();
        }
    }

    /** False if there was nothing to do. */
    private boolean turn(long nowNanos) {
        boolean due = nowNanos - nextTickNanos >= 0;
        boolean worked = due;
        worked |= takeAnswers();
        worked |= takeMessages();
        worked |= takeRequests(nowNanos);
        if (!worked) {
            return false;
        }
        if (due) {
            // After the messages: a leader that was heard during a long pause is not a silent one.
            raft.tick(nowNanos);
            nextTickNanos = nowNanos + tickNanos;
        }
        act(raft.takeOutput());
        proposals.trim();
        reads.trim();
        if (due) {
            proposals.expire(nowNanos);
            reads.expire(nowNanos);
        }
        return true;
    }

    private boolean takeAnswers() {
        // Read before the events: an applied index never gets ahead of the snapshot that it builds on.
        long appliedIndex = applyLoop.appliedIndex();
        boolean worked = false;
        for (Consumer<Raft> event = mailbox.pollEvent(); event != null; event = mailbox.pollEvent()) {
            event.accept(raft);
            worked = true;
        }
        WriteMark mark = mailbox.takePersisted();
        if (mark != null) {
            raft.persisted(mark);
            worked = true;
        }
        if (appliedIndex > reportedAppliedIndex) {
            raft.applied(appliedIndex);
            reportedAppliedIndex = appliedIndex;
            worked = true;
        }
        return worked;
    }

    private boolean takeMessages() {
        int taken = 0;
        for (Object event = mailbox.pollFromPeers(); event != null; event = mailbox.pollFromPeers()) {
            if (event instanceof Message message) {
                raft.receive(message);
            } else {
                raft.unreachable((NodeId) event);
            }
            if (++taken == MAX_MESSAGES_PER_TURN) {
                break;
            }
        }
        return taken > 0;
    }

    private boolean takeRequests(long nowNanos) {
        List<byte[]> commands = new ArrayList<>();
        ReadBatch readBatch = null;
        long firstProposal = proposals.nextNumber();
        int taken = 0;
        for (Request request = mailbox.pollRequest(); request != null; request = mailbox.pollRequest()) {
            if (nowNanos - request.deadlineNanos() >= 0) {
                request.refuse(new RaftException.Overloaded("it waited for its whole request timeout"));
            } else if (request instanceof Read read) {
                readBatch = readBatch == null ? new ReadBatch() : readBatch;
                readBatch.add(read);
            } else if (proposals.size() < MAX_UNANSWERED_PROPOSALS) {
                Proposal<R> proposal = ours(request);
                proposals.add(proposal);
                commands.add(proposal.takeCommand());
            } else {
                request.refuse(new RaftException.Overloaded(
                        MAX_UNANSWERED_PROPOSALS + " proposals already wait for an answer"));
            }
            if (++taken == MAX_REQUESTS_PER_TURN) {
                break;
            }
        }
        if (!commands.isEmpty()) {
            raft.propose(firstProposal, commands);
        }
        if (readBatch != null) {
            long number = reads.nextNumber();
            reads.add(readBatch);
            raft.readIndex(number);
        }
        return taken > 0;
    }

    @SuppressWarnings("unchecked") // RaftNode<R> puts no other proposals into its mailbox
    private Proposal<R> ours(Request request) {
        return (Proposal<R>) request;
    }

    private void act(Output out) {
        if (out.fenced() != null) {
            fence.stopNode("an invariant is broken", new IllegalStateException(out.fenced()));
            return;
        }
        publish();
        if (!out.send().isEmpty()) {
            transport.send(out.send());
        }
        if (out.persist() != null) {
            logWriter.write(out.persist());
        }
        adopt(out.accepted());
        if (out.apply() != null) {
            applyLoop.advance(out.apply());
        }
        out.fetch().forEach(fetcher);
        Output.Install install = out.install();
        if (install != null) {
            // The term that the offer came in is durable before any of the snapshot is: see StartUp.
            logWriter.then(() -> installer.accept(install));
        }
        for (Output.ReadState read : out.reads()) {
            ReadBatch batch = reads.get(read.readId());
            if (batch != null) {
                applyLoop.serve(batch, read.readIndex());
            }
        }
        for (Output.Rejected rejected : out.rejected()) {
            reject(rejected);
        }
        if (out.roleChange() != null) {
            announce(out.roleChange());
        }
    }

    /** Before the output is acted on: whoever learns of an effect finds a status that is at least as new. */
    private void publish() {
        RaftStatus now = raft.status();
        status = now;
        if (!now.membership().equals(peersOf)) {
            peersOf = now.membership();
            transport.setPeers(peerAddresses(peersOf, id));
        }
    }

    static Map<NodeId, String> peerAddresses(Membership membership, NodeId self) {
        Map<NodeId, String> addresses = new TreeMap<>(membership.addresses());
        addresses.remove(self);
        return addresses;
    }

    private void adopt(List<Output.Accepted> accepted) {
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

    private void reject(Output.Rejected rejected) {
        RaftException why = exception(rejected);
        if (rejected.kind() == Output.Rejected.Kind.READ) {
            ReadBatch batch = reads.get(rejected.id());
            if (batch != null) {
                batch.fail(why);
            }
            return;
        }
        Proposal<R> proposal = proposals.get(rejected.id());
        if (proposal != null) {
            proposal.completeExceptionally(why);
        }
    }

    private RaftException exception(Output.Rejected rejected) {
        return switch (rejected.reason()) {
            case NO_LEADER -> new RaftException.NotLeader(null);
            case NOT_LEADER -> new RaftException.NotLeader(rejected.leader());
            case OVERLOADED -> new RaftException.Overloaded("too much is on its way through the log");
            case OUTCOME_UNKNOWN -> new RaftException.OutcomeUnknown("the leader did not answer, or lost its office");
            case NOT_CONFIRMED -> new RaftException.ReadNotConfirmed("no leader vouched for it");
            default -> new RaftException.Refused(rejected.reason());
        };
    }

    private void announce(Output.RoleChange change) {
        LOG.log(
                System.Logger.Level.INFO,
                id + " is " + change.role() + " in term " + change.term() + ", led by " + nameOf(change.leader()));
    }

    private static String nameOf(@Nullable NodeId leader) {
        return leader == null ? "nobody yet" : leader.value();
    }

    /** The last act: nobody is left waiting. */
    private void answerEverybody() {
        proposals.drain(proposal ->
                proposal.completeExceptionally(new RaftException.OutcomeUnknown("this member stopped meanwhile")));
        reads.drain(batch -> batch.fail(new RaftException.Stopped("it stopped before the read was confirmed")));
        mailbox.abandon();
    }
}
