package dev.quorate.raft.simulator.world;

import dev.quorate.raft.RaftConfig;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.simulator.invariant.Observer;
import dev.quorate.raft.simulator.observe.Cluster;
import dev.quorate.raft.simulator.observe.Coverage;
import dev.quorate.raft.simulator.observe.DiskImage;
import dev.quorate.raft.simulator.observe.Hashing;
import dev.quorate.raft.simulator.observe.NodeView;
import dev.quorate.raft.simulator.world.Operation.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;

/** Everything that one seed brings to life. */
public final class World {

    private static final long CALM_NANOS = Nanos.PER_MILLI / 2;

    private final long seed;
    private final Trace trace;
    private final Swarm swarm;
    private final Scheduler scheduler;
    private final Membership initialMembership;
    private final Observer observer;
    private final Coverage coverage = new Coverage();
    private final SimulatedNetwork network;
    private final Workload workload;
    private final Clients clients;
    private final Load load;
    private final Faults faults;
    private final Operator operator;
    private final List<SimulatedNode> nodes = new ArrayList<>();
    private long fingerprint;
    private boolean isCalm;

    public World(long seed, int nodeCount, Trace trace) {
        this(
                seed,
                nodeCount,
                trace,
                (world, initial) -> world.swarm().sessions().hasSessions()
                        ? new SessionWorkload(world)
                        : new RegisterWorkload(world));
    }

    /** @param workload makes what is replicated, once it is known how the group begins */
    public World(long seed, int nodeCount, Trace trace, BiFunction<World, Membership, Workload> workload) {
        this.seed = seed;
        this.trace = trace;
        this.swarm =
                Swarm.draw(stream("swarm"), stream("membership"), stream("reads"), stream("sessions"), stream("rot"));
        this.scheduler = new Scheduler(stream("ties"));
        List<NodeId> ids = new ArrayList<>();
        for (int i = 1; i <= nodeCount; i++) {
            ids.add(NodeId.of("n" + i));
        }
        int founders = Math.min(nodeCount, swarm.membership().founders());
        this.initialMembership = membership(swarm.composition(), ids.subList(0, founders));
        List<NodeView> views = new ArrayList<>();
        SplitMix identities = stream("identities");
        for (int i = 0; i < nodeCount; i++) {
            views.add(new NodeView(i, ids.get(i), new DiskImage(toldAtFirst(ids.get(i))), identities.nextLong() | 1));
        }
        this.observer = new Observer(new Cluster(views, initialMembership), coverage);
        this.network = new SimulatedNetwork(this);
        this.workload = workload.apply(this, initialMembership);
        this.clients = new Clients(this, nodeCount);
        for (NodeView view : views) {
            nodes.add(new SimulatedNode(this, view, config(view), toldAtFirst(view.id())));
        }
        this.operator = new Operator(this);
        this.load = new Load(this);
        this.faults = new Faults(this);
    }

    /** Founders know each other; all others wait to be told. */
    private Membership toldAtFirst(NodeId id) {
        return initialMembership.contains(id) ? initialMembership : Membership.EMPTY;
    }

    private static Membership membership(Swarm.Composition composition, List<NodeId> ids) {
        int count = ids.size();
        return switch (composition) {
            case ALL_VOTERS -> Membership.of(ids);
            case ONE_LEARNER ->
                count == 1 ? Membership.of(ids) : membership(ids.subList(1, count), List.of(), ids.subList(0, 1));
            case THREE_VOTERS ->
                count <= 3
                        ? Membership.of(ids)
                        : membership(ids.subList(count - 3, count), List.of(), ids.subList(0, count - 3));
            case JOINT -> membership(ids.subList(count / 2, count), ids.subList(0, (count + 1) / 2), List.of());
        };
    }

    private static Membership membership(List<NodeId> voters, List<NodeId> outgoing, List<NodeId> learners) {
        return new Membership(
                new TreeSet<>(voters),
                new TreeSet<>(outgoing),
                new TreeSet<>(learners),
                new TreeSet<>(),
                new TreeMap<>());
    }

    RaftConfig config(NodeView node) {
        Swarm.CorePlan plan = swarm.core();
        RaftConfig.Builder builder = RaftConfig.builder(
                        node.id(), stream("core " + node.id()).nextLong())
                .identity(node.identity())
                .electionTimeout(Duration.ofNanos(plan.electionTimeoutNanos()))
                .heartbeatInterval(Duration.ofNanos(plan.heartbeatIntervalNanos()))
                .maxAppendEntries(plan.maxAppendEntries())
                .maxInflightBatches(plan.maxInflightBatches())
                .maxInflightAppends(plan.maxInflightAppends())
                .maxWindowBytes(plan.maxWindowBytes())
                .maxUncommittedBytes(plan.maxUncommittedBytes())
                .maxPendingReads(plan.maxPendingReads())
                .trailingEntries(plan.trailingEntries())
                .forwardProposals(plan.forwardsProposals());
        if (swarm.reads().holdsLeases()) {
            builder.maxClockDrift(swarm.reads().maxClockDrift());
        }
        return builder.build();
    }

    /** Nodes, clients and faults begin; nothing has happened yet. */
    public void start() {
        nodes.forEach(SimulatedNode::start);
        load.start();
        workload.begin();
        faults.start();
        operator.start();
    }

    /** Gives back what the state machines hold of the real world: files. */
    public void close() {
        workload.close();
    }

    public void runUntil(long instantNanos) {
        scheduler.runUntil(instantNanos);
    }

    /** From now on nothing that a node does by itself takes long. What has begun takes as long as it was to. */
    void calm() {
        isCalm = true;
    }

    /** How long something takes whose mean duration this seed has drawn. */
    long draw(SplitMix random, long meanNanos) {
        return random.exponential(isCalm ? Math.min(meanNanos, CALM_NANOS) : meanNanos);
    }

    /** Folds what a node has become into the fingerprint of this run. */
    void mix(int node, RaftStatus status) {
        long hash = Hashing.mix(fingerprint, scheduler.now());
        hash = Hashing.mix(hash, node + 16L * status.term());
        hash = Hashing.mix(hash, status.commitIndex());
        fingerprint = Hashing.mix(hash, status.lastIndex() * 31 + status.appliedIndex());
    }

    /** Two runs of one seed that differ in anything that matters differ in this. */
    public long fingerprint() {
        return Hashing.mix(fingerprint, scheduler.executed());
    }

    // ---- what reports say -----------------------------------------------------------------------------------------

    public long now() {
        return scheduler.now();
    }

    public long events() {
        return scheduler.executed();
    }

    public long faultsSoFar() {
        return faults.count();
    }

    public long operationsBegun() {
        return clients.begun();
    }

    public long operationsDone() {
        return clients.ended(Outcome.DONE);
    }

    public Coverage coverage() {
        return coverage;
    }

    public Swarm swarm() {
        return swarm;
    }

    public Observer observer() {
        return observer;
    }

    public Trace trace() {
        return trace;
    }

    // ---- what the parts of the world use --------------------------------------------------------------------------

    Scheduler scheduler() {
        return scheduler;
    }

    public SplitMix stream(String part) {
        return SplitMix.of(seed, part);
    }

    Membership initialMembership() {
        return initialMembership;
    }

    SimulatedNetwork network() {
        return network;
    }

    Workload workload() {
        return workload;
    }

    Clients clients() {
        return clients;
    }

    Load load() {
        return load;
    }

    Faults faults() {
        return faults;
    }

    Operator operator() {
        return operator;
    }

    int nodeCount() {
        return nodes.size();
    }

    SimulatedNode node(int number) {
        return nodes.get(number);
    }

    SimulatedNode node(NodeId id) {
        return nodes.get(observer.cluster().node(id).number());
    }
}
