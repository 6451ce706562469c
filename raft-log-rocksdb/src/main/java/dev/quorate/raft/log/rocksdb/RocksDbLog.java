package dev.quorate.raft.log.rocksdb;

import dev.quorate.raft.Persist;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.HardState;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.Recovered;
import dev.quorate.raft.runtime.DurableLog;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * One group's log. The monitor of this object is held by the one thread that writes; readers take it only in the rare case
 * that the log changed under them.
 */
final class RocksDbLog implements DurableLog {

    private final long groupId;
    private final Engine engine;
    private final RangeDropper dropper;
    private final long tailBytes;
    private final boolean repairs;
    private final Runnable onClose;
    private final LogReader reader;
    private final PendingWrite pending;
    private final Promises promises;
    private long incarnation;
    private final WriteBatch batch = new WriteBatch();

    /** What the log looks like; null before {@link #recover}. Guarded by this. */
    private @Nullable LogShape shape;

    private volatile boolean closed;

    /** What readers may see: what is durable. Null before {@link #recover}. */
    private volatile @Nullable View view;

    private record View(int generation, long baseIndex, long lastIndex) {
        static View of(LogShape shape) {
            return new View(shape.generation(), shape.base().index(), shape.lastIndex());
        }
    }

    RocksDbLog(long groupId, Engine engine, RangeDropper dropper, RocksDbLogOptions options, Runnable onClose)
            throws IOException {
        this.promises = Promises.open(engine.directory(), groupId);
        this.groupId = groupId;
        this.engine = engine;
        this.dropper = dropper;
        this.tailBytes = options.tailBytes();
        this.repairs = options.repairFromPeers();
        this.onClose = onClose;
        this.reader = new LogReader(engine, groupId);
        this.pending = new PendingWrite(groupId, reader, new ChunkEncoder(options.maxChunkBytes()));
    }

    @Override
    public synchronized Recovered recover(Membership initial) throws IOException {
        if (shape != null) {
            throw new IllegalStateException("group " + groupId + " was recovered already; that happens once per start");
        }
        enter();
        try {
            LogRecovery found = look(initial);
            incarnation = Math.addExact(found.lastIncarnation(), 1);
            promises.write(incarnation, found.hardState());
            FactWriter facts = new FactWriter(groupId, batch, engine.factsFamily());
            facts.incarnation(incarnation);
            if (found.isNew()) {
                facts.base(
                        new Facts.Base(found.shape().generation(), found.shape().base()));
                facts.damaged(found.isDamaged());
            }
            facts.hardState(found.hardState());
            engine.commit(batch);
            shape = found.shape();
            view = View.of(found.shape());
            // What a crash kept from being freed.
            dropper.schedule(
                    groupId, found.shape().generation(), found.shape().base().index());
            return found.begin(incarnation);
        } catch (RocksDBException e) {
            throw Engine.failed("group " + groupId + " cannot be recovered", e);
        } finally {
            batch.clear();
            engine.exit();
        }
    }

    private LogRecovery look(Membership initial) throws IOException {
        LogRecovery found = LogRecovery.read(engine, groupId, initial, tailBytes);
        Promises.Promise promised = promises.newest();
        if (!found.isNew() || promised == null || !promises.areGiven()) {
            return found.withHardState(promises.newest(found.hardState()));
        }
        if (initial.voters().size() == 1) {
            throw new CorruptLogException("the log of group " + groupId + " in "
                    + engine.directory().path()
                    + " is lost, and the group has no other member to get it from; what is left"
                    + " of it may be there as db.damaged");
        }
        return found.afterDamage(promised);
    }

    @Override
    public synchronized boolean startsAnew() throws IOException {
        enter();
        try {
            return promises.areGiven()
                    && LogRecovery.read(engine, groupId, Membership.EMPTY, 0).isNew();
        } finally {
            engine.exit();
        }
    }

    @Override
    public synchronized void write(List<Persist> persists) throws IOException {
        LogShape log = shape;
        if (log == null) {
            throw new IllegalStateException("group " + groupId + " is not recovered yet; call recover first");
        }
        enter();
        try {
            engine.requireWritable();
            if (persists.stream().allMatch(Persist::writesNothing)) {
                return;
            }
            write(persists, log);
        } finally {
            engine.exit();
        }
    }

    private void write(List<Persist> persists, LogShape log) throws IOException {
        long baseBefore = log.base().index();
        try {
            pending.begin(log);
            for (Persist persist : persists) {
                pending.add(persist, log);
            }
            pending.writeTo(batch, engine, log);
            dropper.writeTo(batch, groupId, log.generation());
            HardState promised = pending.hardState();
            if (promised != null) {
                promises.write(incarnation, promised);
            }
            engine.commit(batch);
        } catch (RocksDBException e) {
            engine.poison(e);
            throw Engine.failed("group " + groupId + ": a write could not be prepared", e);
        } catch (CorruptLogException e) {
            engine.poison(e);
            throw damaged(e);
        } catch (IOException | RuntimeException | Error e) {
            // The picture in memory is ahead of the disk now.
            engine.poison(e);
            throw e;
        } finally {
            batch.clear();
        }
        view = View.of(log);
        for (int generation : pending.droppedGenerations()) {
            dropper.scheduleAll(groupId, generation);
        }
        if (log.base().index() != baseBefore) {
            dropper.schedule(groupId, log.generation(), log.base().index());
        }
    }

    @Override
    public List<Entry> read(long fromIndex, long toIndex, long maxBytes) throws IOException {
        enter();
        try {
            try {
                return readDurable(fromIndex, toIndex, maxBytes);
            } catch (LogReader.MissingEntryException e) {
                // Compacted or truncated between the look at the view and the look at the database? Not while nobody
                // writes.
                synchronized (this) {
                    return readDurable(fromIndex, toIndex, maxBytes);
                }
            }
        } catch (CorruptLogException e) {
            throw damaged(e);
        } finally {
            engine.exit();
        }
    }

    /** A start reads the tail only; the next one is told, if it can do anything about it. */
    private IOException damaged(CorruptLogException found) throws IOException {
        if (!repairs) {
            return found;
        }
        Repair.remember(engine.directory(), String.valueOf(found.getMessage()));
        return new DamagedException(String.valueOf(found.getMessage()), found);
    }

    private List<Entry> readDurable(long fromIndex, long toIndex, long maxBytes) throws IOException {
        View durable = view;
        if (durable == null) {
            throw new IllegalStateException("group " + groupId + " is not recovered yet; call recover first");
        }
        if (fromIndex <= durable.baseIndex()) {
            throw new CompactedException(fromIndex, durable.baseIndex() + 1);
        }
        if (fromIndex > durable.lastIndex() || fromIndex > toIndex) {
            throw new IOException("group " + groupId + ": no entries from " + fromIndex + " to " + toIndex
                    + " can be read; the durable log ends at " + durable.lastIndex());
        }
        return reader.read(durable.generation(), fromIndex, Math.min(toIndex, durable.lastIndex()), maxBytes);
    }

    private void enter() throws IOException {
        engine.enter();
        if (closed) {
            engine.exit();
            throw new IOException("the log of group " + groupId + " is closed");
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            batch.close();
        }
        // Outside of the monitor: this may close the engine, which waits for readers, which may wait for the monitor.
        onClose.run();
    }
}
