package dev.quorate.raft.simulator.world;

import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import dev.quorate.raft.session.SessionClock;
import dev.quorate.raft.session.SessionCommand;
import dev.quorate.raft.session.SessionLimits;
import dev.quorate.raft.session.SessionTable;
import dev.quorate.raft.simulator.invariant.ExactlyOnce;
import dev.quorate.raft.simulator.observe.NodeView;
import java.util.HashMap;
import java.util.Map;

/** Puts into registers, of which some belong to sessions, and the clocks by which sessions end. */
final class SessionWorkload implements Workload {

    private static final long LOOK_NANOS = SessionClock.PERIOD_MILLIS * Nanos.PER_MILLI / 10;
    private static final long MAX_RESERVED_BYTES = 1 << 20;

    /** One for each life of each node. */
    private record Clock(int life, SessionClock clock) {}

    private final World world;
    private final FlushedStates states;
    private final ExactlyOnce exactlyOnce;
    private final SessionClients clients;
    private final SessionLimits limits;
    private final Map<NodeId, Clock> clocks = new HashMap<>();
    private boolean isStopped;

    SessionWorkload(World world) {
        this.world = world;
        this.states = new FlushedStates(world);
        this.exactlyOnce = world.observer().exactlyOnce();
        this.clients = new SessionClients(world, world.swarm().sessions());
        this.limits = new SessionLimits(world.swarm().sessions().maxSessions(), MAX_RESERVED_BYTES);
    }

    @Override
    public Replica start(NodeId node, Membership initial) {
        NodeView view = world.observer().cluster().node(node);
        return states.start(
                node,
                (flush, mayFlush) -> new SessionStore(
                        new SnapshotMeta(EntryId.ZERO, initial),
                        flush,
                        mayFlush,
                        (index, command, verdict, answer) ->
                                exactlyOnce.decided(view, world.now(), index, command, verdict, answer)));
    }

    @Override
    public void wipe(NodeId node) {
        states.wipe(node);
    }

    @Override
    public byte[] nextCommand(SplitMix random) {
        return new SessionCommand.Plain(RegisterWorkload.nextPut(world, random)).encode();
    }

    @Override
    public int snapshotEveryEntries(int drawn) {
        return drawn;
    }

    @Override
    public void begin() {
        clients.start();
        lookAgain();
    }

    @Override
    public void stop() {
        isStopped = true;
        clients.stop();
    }

    private void lookAgain() {
        world.scheduler().after(LOOK_NANOS, () -> {
            if (!isStopped) {
                for (int i = 0; i < world.nodeCount(); i++) {
                    if (world.node(i).isRunning()) {
                        look(world.node(i));
                    }
                }
                lookAgain();
            }
        });
    }

    /** What a member with sessions does now and then, whether it leads or not. */
    private void look(SimulatedNode node) {
        SessionTable table = ((SessionStore) node.replica()).table();
        int life = node.view().life();
        Clock clock = clocks.get(node.view().id());
        if (clock == null || clock.life() != life) {
            clock = new Clock(life, new SessionClock());
            clocks.put(node.view().id(), clock);
        }
        SessionCommand.Tick tick =
                clock.clock().observe(node.clock().read(world.now()), table.nowMillis(), table.size());
        if (!node.view().leads()) {
            return;
        }
        if (tick != null) {
            world.clients().propose(node, tick.encode(), () -> {});
        }
        if (!table.limits().equals(limits)) {
            world.clients().propose(node, new SessionCommand.SetLimits(limits).encode(), () -> {});
        }
    }

    @Override
    public void settled(Iterable<Replica> replicas) {}

    @Override
    public void close() {}
}
