package dev.quorate.raft.log.rocksdb;

import dev.quorate.raft.runtime.DurableLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The durable logs of the groups that a node is a member of, in one directory with one RocksDB of its own. See the package
 * for what lies there.
 *
 * <pre>{@code
 * try (DurableLog log = RocksDbLogStore.openSingle(Path.of("data/raft"))) {
 *     Recovered recovered = log.recover(membership);
 *     …
 * }
 * }</pre>
 *
 * <p>Everything that {@link DurableLog#write} acknowledged is there after a crash of the process or of the machine, as long
 * as the disk keeps what it says it synced. What was cut short by a crash, and so was never acknowledged, is dropped. Damage to what was
 * acknowledged is a {@link CorruptLogException}, at the start or when it is read.
 *
 * <p>A failed write or sync ends all writing: its outcome is unknown, and every later write of any group fails too, until the
 * store is opened again.
 *
 * <p>Threads: any. Each group's log has the rules of {@link DurableLog}.
 */
public final class RocksDbLogStore implements AutoCloseable {

    private static final long SINGLE_GROUP_ID = 1;

    private final Engine engine;
    private final RangeDropper dropper;
    private final RocksDbLogOptions options;
    private final Map<Long, RocksDbLog> groups = new ConcurrentHashMap<>();

    private RocksDbLogStore(Engine engine, RocksDbLogOptions options, String name) {
        this.engine = engine;
        this.options = options;
        this.dropper = new RangeDropper(engine, name);
    }

    /**
     * Opens the store, and makes it if the directory is missing or empty.
     *
     * @throws CorruptLogException if acknowledged writes are damaged
     * @throws IOException if the directory is in use, holds something else or another format (nothing was changed then), or
     *     cannot be read or written
     */
    public static RocksDbLogStore open(Path directory, RocksDbLogOptions options) throws IOException {
        StoreDirectory ours = StoreDirectory.open(directory);
        boolean opened = false;
        try {
            Engine engine = Engine.open(ours, options);
            opened = true;
            return new RocksDbLogStore(engine, options, "raft-log-dropper " + directory.getFileName());
        } finally {
            if (!opened) {
                ours.close();
            }
        }
    }

    /** The log of the only group of a process, with the defaults; its {@link DurableLog#close} closes it. Errors as {@link #open}. */
    public static DurableLog openSingle(Path directory) throws IOException {
        return openSingle(directory, SINGLE_GROUP_ID, RocksDbLogOptions.DEFAULTS);
    }

    /**
     * A store with one group, as one log: its {@link DurableLog#close} closes the store. Errors as {@link #open}; with {@link
     * RocksDbLogOptions#repairFromPeers} a damaged log is none, as long as the term and the vote are known: it is set aside, and the
     * member starts as {@link dev.quorate.raft.model.Recovered#damaged}.
     */
    public static DurableLog openSingle(Path directory, long groupId, RocksDbLogOptions options) throws IOException {
        StoreDirectory ours = StoreDirectory.open(directory);
        boolean opened = false;
        try {
            Engine engine =
                    options.repairFromPeers() ? Repair.open(ours, groupId, options) : Engine.open(ours, options);
            opened = true;
            RocksDbLogStore store = new RocksDbLogStore(engine, options, "raft-log-dropper " + directory.getFileName());
            return store.newLog(groupId, store::close);
        } finally {
            if (!opened) {
                ours.close();
            }
        }
    }

    /**
     * The log of one group, made by its first {@link DurableLog#recover}. Closing it closes neither the store nor other groups.
     *
     * @throws IOException if what is beside the database cannot be read
     * @throws IllegalStateException if this group's log is open already: it has one owner
     */
    public DurableLog group(long groupId) throws IOException {
        return newLog(groupId, () -> groups.remove(groupId));
    }

    private RocksDbLog newLog(long groupId, Runnable onClose) throws IOException {
        RocksDbLog log = new RocksDbLog(groupId, engine, dropper, options, onClose);
        if (groups.putIfAbsent(groupId, log) != null) {
            throw new IllegalStateException("the log of group " + groupId + " is open already; close that one first");
        }
        return log;
    }

    /** Closes the store and the logs of all groups. Waits for reads and writes that run; later ones fail with an IOException. */
    @Override
    public void close() {
        dropper.close();
        engine.close();
        List.copyOf(groups.values()).forEach(RocksDbLog::close);
    }
}
