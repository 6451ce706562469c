package dev.quorate.raft.simulator.machine;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import dev.quorate.raft.runtime.StateMachine;
import dev.quorate.raft.simulator.invariant.InvariantViolation;
import dev.quorate.raft.simulator.observe.NamedCommand;
import dev.quorate.raft.simulator.world.Image;
import dev.quorate.raft.simulator.world.Replica;
import dev.quorate.raft.simulator.world.SplitMix;
import dev.quorate.raft.simulator.world.Workload;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** An embedder's state machine, one for each life of each node, and commands of the embedder's making. */
public final class MachineWorkload<M extends StateMachine<?>> implements Workload {

    private final Function<Path, M> factory;
    private final Function<RandomGenerator, byte[]> commands;
    private final Directories directories = new Directories();
    private final Views<M> views;
    private final Witness<M> witness;
    private final Subject<M> witnessed;
    private final Map<NodeId, Path> disks = new HashMap<>();
    private final Map<NodeId, MachineReplica> alive = new LinkedHashMap<>();
    private long restored;

    /**
     * @param factory makes a state machine; its argument is the directory that survives this node's crashes
     * @param view what must be equal for equal states; null to compare the bytes of snapshots
     */
    public MachineWorkload(
            Function<Path, M> factory,
            Function<RandomGenerator, byte[]> commands,
            @Nullable Function<? super M, ?> view,
            Membership initial) {
        this.factory = factory;
        this.commands = commands;
        this.views = view == null ? Views.bySnapshots(directories) : Views.by(view);
        try {
            this.witnessed = open("the witness", FileTrees.make(directories.next()));
        } catch (InvariantViolation e) {
            directories.close();
            throw e;
        }
        this.witness = new Witness<>(witnessed, views, new SnapshotMeta(EntryId.ZERO, initial));
    }

    private Subject<M> open(String who, Path directory) {
        try {
            return new Subject<>(who, factory.apply(directory));
        } catch (RuntimeException e) {
            throw new InvariantViolation(
                    "StateMachineDoesNotThrow", who + ": a new state machine could not be made: " + e, e);
        }
    }

    /** How many states were made from a snapshot. */
    public long restored() {
        return restored;
    }

    @Override
    public Replica start(NodeId node, Membership initial) {
        Path disk = disks.computeIfAbsent(node, id -> FileTrees.make(directories.next()));
        Subject<M> subject = open(node.value(), disk);
        long applied = subject.appliedIndex();
        if (applied < 0 || applied > witness.lastIndex()) {
            subject.close();
            throw new InvariantViolation(
                    "NotAheadOfTheLog",
                    node + ": starts with appliedIndex() " + applied + ", but only " + witness.lastIndex()
                            + " entries were ever applied anywhere");
        }
        MachineReplica replica = new MachineReplica(
                node,
                disk,
                subject,
                applied == 0 ? new SnapshotMeta(EntryId.ZERO, initial) : witness.position(applied));
        alive.put(node, replica);
        witness.checkState(node.value(), subject, applied, "with what survived a crash");
        return replica;
    }

    @Override
    public void wipe(NodeId node) {
        disks.remove(node); // its next life gets an empty one
    }

    @Override
    public byte[] nextCommand(SplitMix random) {
        return commands.apply(random::nextLong);
    }

    /** Often: here it is not the log that is on trial, but what a snapshot holds. */
    @Override
    public int snapshotEveryEntries(int drawn) {
        return drawn == 0 ? 0 : 1 + drawn / 10;
    }

    @Override
    public void settled(Iterable<Replica> replicas) {
        for (Replica replica : replicas) {
            if (replica instanceof MachineWorkload<?>.MachineReplica machine) {
                machine.checkNow();
            }
        }
    }

    @Override
    public void close() {
        try {
            alive.values().forEach(replica -> replica.subject.close());
            witnessed.close();
        } finally {
            directories.close();
        }
    }

    /** The state machine of one life of one node. */
    private final class MachineReplica extends Replica {

        private final NodeId node;
        private final Path disk;
        private final Subject<M> subject;
        private String how = "from the first entry on";

        MachineReplica(NodeId node, Path disk, Subject<M> subject, SnapshotMeta position) {
            super(position);
            this.node = node;
            this.disk = disk;
            this.subject = subject;
        }

        @Override
        public void apply(List<Entry> batch, Applied applied) {
            int from = 0;
            for (int to = 1; to <= batch.size(); to++) {
                if (to == batch.size() || views.endsBatch(batch.get(to - 1).index())) {
                    applyPart(batch.subList(from, to));
                    from = to;
                }
            }
            batch.forEach(entry -> applied.applied(entry, 0));
        }

        private void applyPart(List<Entry> part) {
            List<Entry> entries = part.stream().map(MachineWorkload::asProposed).toList();
            witness.learn(entries);
            witness.checkAnswers(node.value(), entries, subject.apply(entries));
            part.forEach(this::moveTo);
            witness.checkState(node.value(), subject, appliedIndex(), how);
        }

        @Override
        public Image snapshot() {
            Path files = FileTrees.make(directories.next());
            subject.snapshot(files);
            return new Image(position(), 0, files);
        }

        @Override
        protected void load(Image image) {
            restored++;
            Path copy = directories.next();
            FileTrees.copy((Path) image.content(), copy);
            subject.restore(copy, image.position().index());
            how = "restored from the snapshot of index " + image.position().index();
            Object expected = views.ofFiles((Path) image.content());
            if (expected != null) {
                witness.checkRestored(
                        node.value(), subject, expected, image.position().index());
            }
            witness.checkState(node.value(), subject, image.position().index(), how);
        }

        void checkNow() {
            witness.checkStateNow(node.value(), subject);
        }

        /** The files stay as they are at this moment; what the state machine does on being closed does not reach them. */
        @Override
        public void crash() {
            Path survived = directories.next();
            FileTrees.copy(disk, survived);
            alive.remove(node);
            disks.put(node, survived);
            subject.close();
            FileTrees.delete(disk);
        }

        @Override
        public long hash() {
            return 0;
        }
    }

    /** What the embedder proposed, without the name that the simulator gave it. */
    private static Entry asProposed(Entry entry) {
        return entry.type() == Entry.Type.COMMAND
                ? Entry.command(entry.index(), entry.term(), NamedCommand.command(entry.payload()))
                : entry;
    }
}
