package dev.quorate.kv.mvcc;

import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.TxnRequest;
import dev.quorate.kv.api.TxnResponse;
import dev.quorate.kv.files.FileTrees;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The store on disk. Reads may come from any number of threads, and go on beside writes; see {@link Writer} for these.
 *
 * <p>What was written survives a crash after {@link #snapshot} or {@link #flush}, and at the latest when memory for it
 * runs out. {@link State#appliedIndex} as of {@link #open} says what did.
 */
public final class MvccStore implements AutoCloseable {

    /** The most bytes of pairs in the answer to a read: a fourth of the heap, and never more than this. */
    private static final long MAX_RESPONSE_BYTES = 256L << 20;

    private final StoreDirectory directory;
    private final StoreOptions options;
    private final long maxResponseBytes;
    private final VersionCache cache;
    private final Leases leases = new Leases();
    private final Gate gate = new Gate();
    /** Keeps the apply thread and the compactor from reading and writing the same row crosswise. */
    private final ReentrantLock writing = new ReentrantLock();

    private final Compactor compactor;

    private volatile Engine engine; // changed only while the gate is shut
    private volatile State state;
    private volatile ChangeFeed feed = ChangeFeed.NONE;
    private volatile LongConsumer writeDurations = nanos -> {};
    private final StoreCounters counters = new StoreCounters();
    private final Writer writer;

    private MvccStore(StoreDirectory directory, StoreOptions options, Engine engine) {
        this.directory = directory;
        this.options = options;
        this.engine = engine;
        this.state = StateRows.state(engine, engine.readNewest());
        this.cache = new VersionCache(options.cachedVersions());
        this.maxResponseBytes =
                Math.min(MAX_RESPONSE_BYTES, Runtime.getRuntime().maxMemory() / 4);
        this.leases.reset(LeaseRows.all(engine, engine.readNewest()));
        this.writer = new Writer(this, state);
        this.compactor = new Compactor(this);
    }

    /**
     * Opens the store in a directory, or makes a new one.
     *
     * @throws IOException if it is in use, cannot be read, or cannot be written
     */
    public static MvccStore open(Path path, StoreOptions options) throws IOException {
        StoreDirectory directory = new StoreDirectory(path);
        directory.finishRestore();
        MvccStore store = new MvccStore(directory, options, Engine.open(path, options));
        store.compactor.start();
        return store;
    }

    /** What readers see. */
    public State state() {
        return state;
    }

    /** What has been done here. */
    public StoreCounters counters() {
        return counters;
    }

    /** @param durations told how long each write to the tables takes, in nanoseconds; by the writer's thread */
    public void timeWrites(LongConsumer durations) {
        writeDurations = durations;
    }

    /** The one writer. */
    public Writer writer() {
        return writer;
    }

    /** @throws StoreClosedException once the store is closed */
    public RangeResult range(RangeRequest request) throws KvException {
        counters.ranges.increment();
        gate.enter();
        try {
            if (PointRead.serves(request)) {
                RangeResult result = PointRead.run(this, request);
                if (result != null) {
                    return result;
                }
            }
            try (SnapshotView view = SnapshotView.open(engine)) {
                return RangeQuery.run(view, request, maxResponseBytes);
            }
        } finally {
            gate.leave();
        }
    }

    /**
     * A part of a range, see {@link RangePage}.
     *
     * @param request in the order of keys and without bounds of revisions; for a further part with the revision of the first
     * @param from where this part begins
     * @param limit how many pairs are still wanted, {@link Long#MAX_VALUE} for all
     * @param maxBytes the part ends with the pair that reaches it
     * @throws StoreClosedException once the store is closed
     */
    public RangePage page(RangeRequest request, byte[] from, long limit, long maxBytes) throws KvException {
        gate.enter();
        try (SnapshotView view = SnapshotView.open(engine)) {
            return PageQuery.run(view, request, from, limit, maxBytes);
        } finally {
            gate.leave();
        }
    }

    /**
     * Runs a transaction that has no writes in any branch.
     *
     * @return the response; its headers have a revision only
     * @throws StoreClosedException once the store is closed
     */
    public TxnResponse read(TxnRequest request) throws KvException {
        counters.txns.increment();
        gate.enter();
        try (SnapshotView view = SnapshotView.open(engine)) {
            return TxnRunner.read(request, view, maxResponseBytes);
        } finally {
            gate.leave();
        }
    }

    /** A lease, as it was carried out last here; null if there is none. Never waits. */
    public @Nullable Lease lease(long id) {
        return leases.get(id);
    }

    /** Every lease, in the order of the ids, each as it is when the iteration comes to it. Never waits. */
    public Iterable<Lease> allLeases() {
        return leases.all();
    }

    /**
     * The keys that belong to a lease, in their order.
     *
     * @throws StoreClosedException once the store is closed
     */
    public List<byte[]> keysOfLease(long id) {
        gate.enter();
        try {
            return LeaseRows.keys(engine, engine.readNewest(), id);
        } finally {
            gate.leave();
        }
    }

    /** Whom the writer tells what it has done, from the next batch on. */
    public void follow(ChangeFeed follower) {
        feed = follower;
    }

    /**
     * Shows changes in their order, whole revisions, from one on. Keeps a restore waiting, so the limits should be small.
     *
     * @param from a revision, at least 1
     * @param maxRows how many changes it looks at before it ends with a revision
     * @param maxBytes how many bytes the visitor may keep before it ends with a revision
     * @throws StoreClosedException once the store is closed
     */
    public ChangeScan.Outcome changes(long from, int maxRows, long maxBytes, ChangeScan.Visitor visitor) {
        gate.enter();
        try (SnapshotView view = SnapshotView.open(engine)) {
            return ChangeScan.run(view, from, maxRows, maxBytes, visitor);
        } finally {
            gate.leave();
        }
    }

    /**
     * Makes {@link KeyChange#previousPair} known, from the tables if need be.
     *
     * @throws StoreClosedException once the store is closed
     */
    public void readPrevious(KeyChange change) {
        gate.enter();
        try {
            change.readPrevious(new TableView(engine, engine.readNewest(), state));
        } finally {
            gate.leave();
        }
    }

    /** The rows of the replicated state beside the keys, by their names. */
    public SortedMap<String, byte[]> named() {
        gate.enter();
        try {
            return StateRows.allNamed(engine, engine.readNewest());
        } finally {
            gate.leave();
        }
    }

    /**
     * Completes when the versions that a compaction at {@code revision} gave up are removed from this member's tables; at
     * once if they are.
     */
    public CompletableFuture<@Nullable Void> removed(long revision) {
        return compactor.removed(revision);
    }

    /** Bytes on disk and in memory that wait for the disk. */
    public long sizeBytes() {
        gate.enter();
        try {
            return engine.sizeBytes();
        } finally {
            gate.leave();
        }
    }

    /** About how many of {@link #sizeBytes} are not superseded. */
    public long liveBytes() {
        gate.enter();
        try {
            return engine.liveBytes();
        } finally {
            gate.leave();
        }
    }

    /**
     * A digest of the replicated state: equal on all members that applied the same entries, whatever they have removed.
     * Reads everything.
     */
    public String digest() {
        gate.enter();
        try (SnapshotView view = SnapshotView.open(engine)) {
            return StateDigest.of(
                    view,
                    StateRows.allNamed(engine, engine.readNewest()),
                    LeaseRows.all(engine, engine.readNewest()).values());
        } finally {
            gate.leave();
        }
    }

    /**
     * A checksum of the keys. Reads everything.
     *
     * @param revision up to where; 0 for the newest
     * @throws StoreClosedException also if the store is closed, or restored, before everything is read: nobody waits for a reader of
     *     everything
     */
    public KvHash hash(long revision) throws KvException {
        gate.enter();
        try (SnapshotView view = SnapshotView.open(engine)) {
            return KvHash.of(view, revision, gate::isWanted);
        } finally {
            gate.leave();
        }
    }

    /** Gives the room of what was superseded back to the disk. Others read and write meanwhile; it may take long. */
    public void defragment() {
        gate.enter();
        try {
            engine.compactAll();
        } finally {
            gate.leave();
        }
    }

    /** When this returns, everything written before survives a crash. */
    public void flush() {
        gate.enter();
        try {
            engine.flush();
        } finally {
            gate.leave();
        }
    }

    /**
     * Writes the state as files into an existing, empty directory, and makes it survive a crash here too. By the writer's
     * thread, outside of a batch.
     */
    public void snapshot(Path into) throws IOException {
        gate.enter();
        try {
            engine.flush();
            engine.checkpoint(into.resolve(StoreDirectory.SNAPSHOT_NAME));
        } finally {
            gate.leave();
        }
        FileTrees.sync(into);
    }

    /**
     * Writes the state as files into a directory that does not exist yet: whole requests, in their order, up to about now. Others
     * read and write meanwhile. By any thread.
     *
     * @return what was written
     */
    public StoreFiles copy(Path into) throws IOException {
        gate.enter();
        try {
            engine.checkpoint(into); // flushes all tables at once, and a batch is in all of them or in none
        } finally {
            gate.leave();
        }
        return StoreFiles.of(into);
    }

    /**
     * Replaces the state by that of a snapshot, which must stand at this index of the log. Readers that are under way finish
     * before, others wait. By the writer's thread, outside of a batch.
     *
     * @throws IOException if the snapshot cannot be used; the store is closed then, and has the old state or the new one
     */
    public void restore(Path from, long appliedIndex) throws IOException {
        if (!gate.shut()) {
            gate.unshut(false);
            throw new StoreClosedException();
        }
        boolean isOpen = false;
        try {
            engine.close();
            directory.restore(from);
            engine = Engine.open(directory.path(), options);
            isOpen = true;
            state = StateRows.state(engine, engine.readNewest());
            cache.clear();
            writer.reset(state);
        } finally {
            gate.unshut(isOpen);
        }
        compactor.reset();
        feed.replaced(state.revision());
        if (state.appliedIndex() != appliedIndex) {
            throw new IOException("the snapshot in " + from + " stands at index " + state.appliedIndex()
                    + " of the log, not at " + appliedIndex);
        }
    }

    /** Waits for readers. What was not flushed is lost here and comes again from the log. */
    @Override
    public void close() {
        compactor.close();
        boolean isOpen = gate.shut();
        try {
            if (isOpen) {
                engine.close();
            }
        } finally {
            gate.unshut(false);
        }
    }

    Engine engine() {
        return engine;
    }

    /** By the writer: all rows or none, into memory. */
    void write(WriteRows rows) {
        long begin = System.nanoTime();
        engine.write(rows);
        writeDurations.accept(System.nanoTime() - begin);
    }

    Leases leases() {
        return leases;
    }

    VersionCache cache() {
        return cache;
    }

    Gate gate() {
        return gate;
    }

    ReentrantLock writing() {
        return writing;
    }

    void beginWriting() {
        gate.enter();
        writing.lock();
    }

    void endWriting() {
        writing.unlock();
        gate.leave();
    }

    /** By the writer: readers may see this state from now on, and these changes led to it. */
    void announce(State written, List<KeyChange> changes) {
        boolean compacts = written.compacted() > state.compacted();
        state = written;
        if (compacts) {
            compactor.wake();
        }
        // In this order: who begins to listen and then looks at the state misses nothing.
        if (feed.isListening() && !changes.isEmpty()) {
            feed.changed(changes);
        }
    }
}
