package dev.quorate.raft.runtime;

import dev.quorate.raft.Output;
import dev.quorate.raft.Raft;
import dev.quorate.raft.RaftConfig;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.WriteMark;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The raft thread: owns the {@link Raft}. Each turn takes what waits in the mailbox, tells the core, takes one {@link Output}
 * and acts on it in the order of its fields. It never waits for a disk, a peer or the state machine.
 */
final class RaftLoop<R> implements Runnable {

    private static final System.Logger LOG = System.getLogger(RaftNode.class.getName());

    /** What one turn takes at most, so that a flood of them cannot keep the clock or the requests waiting. */
    private static final int MAX_MESSAGES_PER_TURN = 1_024;

    /** How long those who left stay reachable: twice what a leader takes to tell them. */
    private static final int FAREWELL_TIMEOUTS = 10;

    private final NodeId id;
    private final Raft raft;
    private final NodeClock clock;
    private final Mailbox mailbox;
    private final Requests<R> requests;
    private final Administration administration;
    private final Peers peers;
    private final Transport transport;
    private final LogWriter logWriter;
    private final ApplyLoop<R> applyLoop;
    private final Consumer<Output.Fetch> fetcher;
    private final Consumer<Output.Install> installer;
    private final Fence fence;
    private final long tickNanos;

    private long nextTickNanos;
    private long reportedAppliedIndex;

    private final LongAdder leaderChanges = new LongAdder();
    private volatile RaftStatus status;

    RaftLoop(
            Raft raft,
            NodeClock clock,
            RaftConfig config,
            Mailbox mailbox,
            Requests<R> requests,
            Administration administration,
            Transport transport,
            LogWriter logWriter,
            ApplyLoop<R> applyLoop,
            Consumer<Output.Fetch> fetcher,
            Consumer<Output.Install> installer,
            Fence fence) {
        this.id = config.id();
        this.raft = raft;
        this.clock = clock;
        this.mailbox = mailbox;
        this.requests = requests;
        this.administration = administration;
        this.transport = transport;
        this.logWriter = logWriter;
        this.applyLoop = applyLoop;
        this.fetcher = fetcher;
        this.installer = installer;
        this.fence = fence;
        this.tickNanos = config.heartbeatIntervalNanos() / 2;
        this.status = raft.status();
        this.peers = new Peers(
                config.id(), transport, status.membership(), FAREWELL_TIMEOUTS * config.electionTimeoutNanos());
        this.reportedAppliedIndex = applyLoop.appliedIndex();
    }

    /** As of the last turn. Any thread. */
    RaftStatus status() {
        return status;
    }

    /** How often a leader was found where there was another one, or none. Any thread. */
    long leaderChanges() {
        return leaderChanges.sum();
    }

    /** Tells the transport who the members are. Before the raft thread starts. */
    void introducePeers() {
        peers.introduce();
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
            administration.answerEverybody();
            requests.answerEverybody();
        }
    }

    /** False if there was nothing to do. */
    private boolean turn(long nowNanos) {
        boolean due = nowNanos - nextTickNanos >= 0;
        boolean worked = due;
        worked |= takeAnswers();
        worked |= takeMessages();
        worked |= requests.take(nowNanos);
        if (!worked) {
            return false;
        }
        if (due) {
            // After the messages: a leader that was heard during a long pause is not a silent one.
            raft.tick(nowNanos);
            requests.tick(nowNanos);
            administration.expire(nowNanos);
            peers.expire(nowNanos);
            nextTickNanos = nowNanos + tickNanos;
        }
        act(raft.takeOutput(), nowNanos);
        requests.endTurn(due, nowNanos);
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
            // After each was taken: what it asks for is promised from its receipt on.
            clock.tell(raft);
            if (event instanceof Message message) {
                raft.receive(message);
            } else if (event instanceof Mailbox.Identified from) {
                raft.receive(from.message(), from.senderIdentity());
            } else {
                raft.unreachable((NodeId) event);
            }
            if (++taken == MAX_MESSAGES_PER_TURN) {
                break;
            }
        }
        return taken > 0;
    }

    private void act(Output out, long nowNanos) {
        if (out.fenced() != null) {
            fence.stopNode("an invariant is broken", new IllegalStateException(out.fenced()));
            return;
        }
        publish(nowNanos);
        if (!out.send().isEmpty()) {
            transport.send(out.send());
        }
        if (out.persist() != null) {
            logWriter.write(out.persist());
        }
        requests.adopt(out.accepted());
        administration.accepted(out.changes());
        if (out.apply() != null) {
            applyLoop.advance(out.apply());
        }
        out.fetch().forEach(fetcher);
        Output.Install install = out.install();
        if (install != null) {
            // The term that the offer came in is durable before any of the snapshot is: see StartUp.
            logWriter.then(() -> installer.accept(install));
        }
        out.reads().forEach(requests::serve);
        for (Output.Rejected rejected : out.rejected()) {
            switch (rejected.kind()) {
                case PROPOSAL, READ -> requests.reject(rejected, nowNanos);
                case CHANGE, TRANSFER -> administration.rejected(rejected);
            }
        }
        out.transferred().forEach(administration::transferred);
        if (out.roleChange() != null) {
            announce(out.roleChange());
        }
    }

    /** Before the output is acted on: whoever learns of an effect finds a status that is at least as new. */
    private void publish(long nowNanos) {
        RaftStatus now = raft.status();
        if (status.membership().contains(id) && !now.membership().contains(id)) {
            LOG.log(
                    System.Logger.Level.INFO,
                    id + " has left the group, which is " + now.membership().all() + " now");
        }
        NodeId leader = now.leader();
        if (leader != null && !leader.equals(status.leader())) {
            leaderChanges.increment();
        }
        status = now;
        peers.follow(now.membership(), nowNanos);
    }

    private void announce(Output.RoleChange change) {
        LOG.log(
                System.Logger.Level.INFO,
                id + " is " + change.role() + " in term " + change.term() + ", led by " + nameOf(change.leader()));
    }

    private static String nameOf(@Nullable NodeId leader) {
        return leader == null ? "nobody yet" : leader.value();
    }
}
