package dev.quorate.raft.simulator.world;

import dev.quorate.raft.Output;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.ReadConsistency;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.simulator.invariant.AnswersAreTrue;
import dev.quorate.raft.simulator.invariant.BoundedStaleness;
import dev.quorate.raft.simulator.invariant.LinearizableReads;
import dev.quorate.raft.simulator.observe.Coverage.Situation;
import dev.quorate.raft.simulator.observe.NamedCommand;
import dev.quorate.raft.simulator.observe.NodeView;
import dev.quorate.raft.simulator.world.Operation.Outcome;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What clients ask of the nodes and what they are told: the part of the runtime that turns "accepted here" and "applied
 * there" into an answer.
 */
final class Clients {

    /** The requests of one life of one node that have no answer yet. */
    private static final class Desk {
        final TreeMap<Long, Operation> unanswered = new TreeMap<>();
        final TreeMap<Long, List<Operation>> placed = new TreeMap<>();
    }

    /** Rates are whole per milles, instants whole nanoseconds: what rounding may cost. */
    private static final long CLOCK_ERROR = 1_000;

    private final World world;
    private final SplitMix random;
    private final LinearizableReads reads;
    private final BoundedStaleness stale;
    private final AnswersAreTrue answers;
    private final List<Desk> desks = new ArrayList<>();
    private final Map<Outcome, Long> outcomes = new EnumMap<>(Outcome.class);
    private long lastId;

    Clients(World world, int nodes) {
        this.world = world;
        this.random = world.stream("clients");
        this.reads = world.observer().reads();
        this.stale = world.observer().staleness();
        this.answers = world.observer().answers();
        for (int i = 0; i < nodes; i++) {
            desks.add(new Desk());
        }
    }

    /** A number that no other request has. */
    long nextId() {
        return ++lastId;
    }

    /** How many operations began. */
    long begun() {
        return lastId;
    }

    /** How many operations ended like this. */
    long ended(Outcome outcome) {
        return outcomes.getOrDefault(outcome, 0L);
    }

    // ---- asking ---------------------------------------------------------------------------------------------------

    Operation read(SimulatedNode node, ReadConsistency consistency, Runnable onEnd) {
        Operation operation = begin(consistency, node, onEnd);
        if (operation.outcome == Outcome.PENDING) {
            desk(node).unanswered.put(operation.id, operation);
            node.read(operation);
        }
        return operation;
    }

    /** Proposes several puts at once. */
    List<Operation> put(SimulatedNode node, int count, Runnable onEnd) {
        List<Operation> operations = new ArrayList<>();
        List<byte[]> commands = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Operation operation = begin(null, node, onEnd);
            operations.add(operation);
            if (operation.outcome == Outcome.PENDING) {
                desk(node).unanswered.put(operation.id, operation);
                commands.add(NamedCommand.encode(operation.id, world.workload().nextCommand(random)));
            }
        }
        if (!commands.isEmpty()) {
            node.propose(operations.get(0).id, commands);
        }
        return operations;
    }

    /** Proposes a command of somebody who knows what it means. */
    Operation propose(SimulatedNode node, byte[] command, Runnable onEnd) {
        Operation operation = begin(null, node, onEnd);
        if (operation.outcome == Outcome.PENDING) {
            desk(node).unanswered.put(operation.id, operation);
            node.propose(operation.id, List.of(NamedCommand.encode(operation.id, command)));
        }
        return operation;
    }

    private Operation begin(@Nullable ReadConsistency consistency, SimulatedNode node, Runnable onEnd) {
        Operation operation = new Operation(++lastId, consistency, node, world.now(), reads.begins(), onEnd);
        if (!node.view().isUp()) {
            end(operation, Outcome.FAILED);
        }
        return operation;
    }

    /** The client waits no longer. The answer, if it comes, must be true all the same. */
    void giveUp(Operation operation) {
        end(operation, operation.isRead ? Outcome.FAILED : Outcome.UNKNOWN);
    }

    // ---- answers --------------------------------------------------------------------------------------------------

    void accepted(SimulatedNode node, Output.Accepted accepted) {
        long id = accepted.proposalId();
        answers.answered(node.view(), id, "accepted");
        Operation operation = desk(node).unanswered.remove(id);
        if (operation == null) {
            throw answers.unknownRequest(node.view(), id);
        }
        EntryId position = accepted.position();
        operation.position = position;
        if (position.index() <= node.replica().appliedIndex()) {
            // Passed on, and applied before the leader's answer came: which entry it was is not known any more.
            end(operation, Outcome.UNKNOWN);
        } else {
            desk(node)
                    .placed
                    .computeIfAbsent(position.index(), index -> new ArrayList<>())
                    .add(operation);
        }
    }

    void rejected(SimulatedNode node, Output.Rejected rejected) {
        long id = rejected.id();
        answers.answered(node.view(), id, rejected.reason().name());
        Operation operation = desk(node).unanswered.remove(id);
        if (operation == null) {
            throw answers.unknownRequest(node.view(), id);
        }
        if (rejected.reason().isDefinite()) {
            if (!operation.isRead) {
                answers.writeFailed(node.view(), id, rejected.reason().name());
            }
            end(operation, Outcome.FAILED);
        } else {
            end(operation, Outcome.UNKNOWN);
        }
    }

    /** The node's state machine has applied this entry. */
    void applied(SimulatedNode node, Entry entry) {
        List<Operation> placed = desk(node).placed.remove(entry.index());
        if (placed == null) {
            return;
        }
        for (Operation operation : placed) {
            EntryId position = operation.position;
            if (position != null && position.term() == entry.term()) {
                answers.writeAcknowledged(node.view(), operation.id, entry.index());
                reads.writeAcknowledged(node.view(), operation.knownAtBegin, entry.index());
                stale.known(world.now(), reads.begins());
                end(operation, Outcome.DONE);
            } else {
                world.coverage().saw(Situation.PROPOSAL_SUPERSEDED);
                answers.writeFailed(node.view(), operation.id, "another entry took its place " + position);
                end(operation, Outcome.FAILED);
            }
        }
    }

    /** A snapshot took the node's state machine past this index: what stood before it is not seen one by one. */
    void skipped(SimulatedNode node, long index) {
        SortedMap<Long, List<Operation>> passed = desk(node).placed.headMap(index + 1);
        passed.values().forEach(all -> all.forEach(operation -> end(operation, Outcome.UNKNOWN)));
        passed.clear();
    }

    void readServed(SimulatedNode node, Output.ReadState read, long appliedIndex) {
        answers.answered(node.view(), read.readId(), "read");
        Operation operation = desk(node).unanswered.remove(read.readId());
        if (operation == null) {
            throw answers.unknownRequest(node.view(), read.readId());
        }
        judge(operation, read.readIndex(), appliedIndex);
        if (operation.termAtBegin < node.view().term()) {
            world.coverage().saw(Situation.READ_ACROSS_LEADER_CHANGE);
        }
        if (!node.view().leads()) {
            world.coverage().saw(Situation.READ_SERVED_BY_FOLLOWER);
        }
        end(operation, Outcome.DONE);
    }

    private void judge(Operation read, long readIndex, long appliedIndex) {
        NodeView node = read.node.view();
        boolean atOnce = read.askedAtNanos == world.now();
        boolean missesSomething = appliedIndex < read.knownAtBegin;
        switch (read.consistency.level()) {
            case LINEARIZABLE -> reads.readAnswered(node, read.knownAtBegin, readIndex, appliedIndex);
            case LEASE -> {
                if (world.swarm().reads().keepsBound()) {
                    reads.readAnswered(node, read.knownAtBegin, readIndex, appliedIndex);
                } else {
                    reads.weakerReadAnswered(node, readIndex, appliedIndex);
                }
                saw(Situation.READ_BY_LEASE, atOnce && !isAlone(node));
                saw(Situation.STALE_READ_BY_LEASE_WITH_BROKEN_CLOCKS, missesSomething);
            }
            case BOUNDED_STALENESS -> {
                long freshAsOf =
                        read.node.clock().before(read.begunAtNanos, read.consistency.maxStalenessNanos()) - CLOCK_ERROR;
                stale.readAnswered(node, freshAsOf, appliedIndex);
                reads.weakerReadAnswered(node, readIndex, appliedIndex);
                saw(Situation.READ_OF_WHAT_IS_FRESH_ENOUGH, atOnce && !isAlone(node));
                saw(Situation.STALE_READ_WITHIN_ITS_BOUND, missesSomething);
            }
            case LOCAL -> {
                reads.weakerReadAnswered(node, readIndex, appliedIndex);
                saw(Situation.STALE_LOCAL_READ, missesSomething);
            }
        }
        stale.known(world.now(), reads.begins());
    }

    private void saw(Situation situation, boolean isThere) {
        if (isThere) {
            world.coverage().saw(situation);
        }
    }

    private static boolean isAlone(NodeView node) {
        RaftStatus status = node.status();
        return status == null || status.membership().voters().size() < 2;
    }

    /** The connections of this node's clients end with it. */
    void crashed(SimulatedNode node) {
        Desk desk = desk(node);
        desk.unanswered.values().forEach(operation -> end(operation, Outcome.UNKNOWN));
        desk.placed.values().forEach(all -> all.forEach(operation -> end(operation, Outcome.UNKNOWN)));
        desk.unanswered.clear();
        desk.placed.clear();
    }

    /** A request that this node's core owes an answer to, or null. */
    @Nullable
    Operation oldestUnanswered(SimulatedNode node) {
        TreeMap<Long, Operation> unanswered = desk(node).unanswered;
        return unanswered.isEmpty() ? null : unanswered.firstEntry().getValue();
    }

    private Desk desk(SimulatedNode node) {
        return desks.get(node.view().number());
    }

    private void end(Operation operation, Outcome outcome) {
        if (operation.outcome == Outcome.PENDING) {
            outcomes.merge(outcome, 1L, Long::sum);
            operation.end(outcome);
        }
    }
}
