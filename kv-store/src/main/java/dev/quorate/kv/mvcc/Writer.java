package dev.quorate.kv.mvcc;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.TxnRequest;
import dev.quorate.kv.api.TxnResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Carries out write requests, many in one write to the tables. One thread at a time. What a request does depends on the
 * state and the request alone, so that all members do the same.
 *
 * <pre>
 *   begin   { one request, applied(index) } …   end, or abandon
 * </pre>
 *
 * Readers see a request's effect after {@link #end}, or earlier: whole requests, in their order.
 */
public final class Writer {

    /** When the gathered rows reach this, they are written before the end of the batch. */
    private static final int MAX_GATHERED_BYTES = 8 << 20;

    private final MvccStore store;
    private final WriteRows rows = new WriteRows();
    private final ByteWriter scratch = new ByteWriter(256);
    /** Newest versions that are not in the tables yet. */
    private final Map<Key, Version> pending = new HashMap<>();
    /** What was done and is not announced yet, in its order. */
    private List<KeyChange> changes = new ArrayList<>();

    private State state;

    Writer(MvccStore store, State state) {
        this.store = store;
        this.state = state;
    }

    /** Where the store stands, with everything that was done up to now. */
    public State state() {
        return state;
    }

    /** After a restore: goes on from there. */
    void reset(State restored) {
        rows.clear();
        pending.clear();
        changes.clear();
        state = restored;
        Engine engine = store.engine();
        store.leases().reset(LeaseRows.all(engine, engine.readNewest()));
    }

    /** @throws StoreClosedException once the store is closed */
    public void begin() {
        store.beginWriting();
    }

    /** Writes what was gathered and shows it to readers. This or {@link #abandon} must follow {@link #begin}. */
    public void end() {
        try {
            writeGathered();
        } finally {
            store.endWriting();
        }
    }

    /** After a failure: drops what was gathered, which may be half a request. */
    public void abandon() {
        reset(store.state());
        store.endWriting();
    }

    /** The request that was carried out last, or an entry without one, stands at this index of the log. */
    public void applied(long index) {
        state = new State(state.revision(), state.compacted(), index);
        if (rows.sizeBytes() > MAX_GATHERED_BYTES) {
            writeGathered();
        }
    }

    /** Puts one key. */
    public PutOutcome put(Put put) throws KvException {
        requireLease(put); // etcd looks for the lease first here, and for the key first in a transaction
        Version previous = newest(put.key());
        WriteTxn.requireExistingKey(put, previous);
        byte[] before = put.wantsPrevious() ? pairOf(previous) : null;
        long revision = state.revision() + 1;
        append(previous, WriteTxn.successor(previous, put, new Revision(revision, 0), this::pair));
        state = new State(revision, state.compacted(), state.appliedIndex());
        return new PutOutcome(revision, before);
    }

    /** Deletes the keys of a range. */
    public DeleteOutcome delete(ByteString key, ByteString end, boolean wantsPrevious) {
        WriteTxn txn = new WriteTxn(this);
        DeleteOutcome outcome = txn.delete(KeyRange.of(key, end), wantsPrevious);
        txn.commit();
        return outcome;
    }

    /**
     * Carries out a transaction, or nothing of it.
     *
     * @param wantsResponses whether somebody reads the responses; if not, only effects and errors matter
     * @return the response; its headers have a revision only
     */
    public TxnResponse txn(TxnRequest request, boolean wantsResponses) throws KvException {
        store.counters().txns.increment();
        WriteTxn txn = new WriteTxn(this);
        TxnResponse response = TxnRunner.write(request, txn, wantsResponses);
        txn.commit();
        return response;
    }

    /** Gives up the history before a revision. The versions are removed later, in the background. */
    public void compact(long revision) throws KvException {
        if (revision <= state.compacted()) {
            throw new KvException(KvError.COMPACTED);
        }
        if (revision > state.revision()) {
            throw new KvException(KvError.FUTURE_REVISION);
        }
        state = new State(state.revision(), revision, state.appliedIndex());
    }

    /**
     * Goes on from a later revision, and gives up the history before it: whoever knows revisions of a state that was ahead of this
     * one must not take others for them. Not a request: of a store that is being restored.
     *
     * @param revision later than the store's
     */
    public void skipTo(long revision) {
        if (revision <= state.revision()) {
            throw new IllegalArgumentException(
                    "the store is at revision " + state.revision() + ", and not before " + revision);
        }
        state = new State(revision, revision, state.appliedIndex());
    }

    /**
     * Grants a lease, at this index of the log.
     *
     * @param id not 0
     */
    public Lease grantLease(long id, long ttlSeconds, long index) throws KvException {
        if (store.leases().get(id) != null) {
            throw new KvException(KvError.LEASE_EXISTS);
        }
        Lease granted = new Lease(id, ttlSeconds, index);
        putLease(granted);
        return granted;
    }

    /** Begins a lease's time anew, at this index of the log. */
    public Lease renewLease(long id, long index) throws KvException {
        Lease renewed = new Lease(id, existingLease(id).ttlSeconds(), index);
        putLease(renewed);
        return renewed;
    }

    /** Ends a lease and deletes its keys, all in one revision; without keys the revision stays. */
    public void revokeLease(long id) throws KvException {
        existingLease(id);
        WriteTxn txn = new WriteTxn(this);
        for (byte[] key : keysOfLease(id)) {
            txn.delete(new KeyRange(key, null, true), false);
        }
        txn.commit();
        rows.delete(store.engine().tableId(Table.LEASES), LeaseRows.grantKey(id));
        store.leases().remove(id);
    }

    /**
     * Ends a lease whose time is over, unless it was renewed meanwhile.
     *
     * @param renewedAt the renewal whose time is over
     */
    public void expireLease(long id, long renewedAt) throws KvException {
        Lease lease = store.leases().get(id);
        if (lease != null && lease.renewedAt() == renewedAt) {
            revokeLease(id);
        }
    }

    /** The keys that belong to a lease, in their order, with everything that was carried out before. */
    public List<byte[]> keysOfLease(long id) {
        return tables().keysOfLease(id);
    }

    private Lease existingLease(long id) throws KvException {
        Lease lease = store.leases().get(id);
        if (lease == null) {
            throw new KvException(KvError.LEASE_NOT_FOUND);
        }
        return lease;
    }

    /** @throws KvException if the put belongs to a lease that does not exist */
    void requireLease(Put put) throws KvException {
        if (put.lease() != 0) {
            existingLease(put.lease());
        }
    }

    private void putLease(Lease lease) {
        rows.put(store.engine().tableId(Table.LEASES), LeaseRows.grantKey(lease.id()), LeaseRows.grant(lease));
        store.leases().put(lease);
    }

    /** Sets a row of the replicated state beside the keys. */
    public void putNamed(String name, byte[] value) {
        rows.put(store.engine().tableId(Table.STATE), StateRows.named(name), value);
    }

    /** Takes a row of {@link #putNamed} away. */
    public void removeNamed(String name) {
        rows.delete(store.engine().tableId(Table.STATE), StateRows.named(name));
    }

    @Nullable
    Version newest(byte[] key) {
        Version version = pending.isEmpty() ? null : pending.get(new Key(key));
        if (version == null) {
            version = store.cache().get(key);
        }
        if (version == null) {
            Engine engine = store.engine();
            version = TableView.newest(engine, engine.readNewest(), key);
        }
        return version;
    }

    /** The tables, with everything in them that was carried out before this request. */
    TableView tables() {
        writeGathered();
        Engine engine = store.engine();
        return new TableView(engine, engine.readNewest(), state);
    }

    byte[] pair(Version version) {
        byte[] known = version.pair();
        if (known == null) {
            Version waiting = pending.get(new Key(version.key()));
            known = waiting != null && waiting.mod() == version.mod() ? waiting.pair() : null;
        }
        if (known == null) {
            Engine engine = store.engine();
            known = TableView.pair(engine, engine.readNewest(), version);
        }
        if (known == null) {
            throw new StorageException("revision " + version.mod() + " is missing in the store: it is damaged");
        }
        return known;
    }

    byte @Nullable [] pairOf(@Nullable Version version) {
        return version == null || version.isTombstone() ? null : pair(version);
    }

    /** Gathers a version that follows {@code previous}. */
    void append(@Nullable Version previous, Version next) {
        Engine engine = store.engine();
        scratch.setSize(0);
        LatestRow.encode(scratch, next);
        rows.put(engine.tableId(Table.LATEST), next.key(), scratch);
        scratch.setSize(0);
        RevisionRow.encodeHeader(
                scratch,
                next.mod(),
                next.isTombstone(),
                previous == null ? null : previous.revision(),
                next.line().jump());
        byte[] known = next.pair();
        byte[] pair = known == null ? next.pairWithoutValue() : known;
        rows.put(engine.tableId(Table.REVISIONS), next.revision().toKey(), scratch.array(), scratch.size(), pair);
        attach(next.key(), previous == null ? 0 : previous.lease(), next.lease());
        pending.put(new Key(next.key()), next);
        (next.isTombstone() ? store.counters().deletes : store.counters().puts).increment();
        changes.add(KeyChange.written(previous, next, pair));
    }

    /** A key belongs to one lease at the most. */
    private void attach(byte[] key, long before, long now) {
        if (before == now) {
            return;
        }
        int table = store.engine().tableId(Table.LEASES);
        if (before != 0) {
            rows.delete(table, LeaseRows.attachment(before, key));
        }
        if (now != 0) {
            rows.put(table, LeaseRows.attachment(now, key), new byte[0]);
        }
    }

    /** Of a transaction that wrote. */
    void raiseRevision() {
        state = new State(state.revision() + 1, state.compacted(), state.appliedIndex());
    }

    private void writeGathered() {
        if (rows.isEmpty() && state.equals(store.state())) {
            return;
        }
        Engine engine = store.engine();
        rows.put(engine.tableId(Table.STATE), StateRows.STATE, state.encode());
        store.write(rows);
        rows.clear();
        VersionCache cache = store.cache();
        pending.values().forEach(cache::put);
        pending.clear();
        List<KeyChange> done = changes;
        changes = new ArrayList<>();
        store.announce(state, done);
    }

    /** A key as a key of a map. */
    private static final class Key {
        private final byte[] bytes;
        private final int hash;

        Key(byte[] bytes) {
            this.bytes = bytes;
            this.hash = Arrays.hashCode(bytes);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key that && hash == that.hash && Arrays.equals(bytes, that.bytes);
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }

    /**
     * A put.
     *
     * @param source where the value stands, from {@code valueOffset} on
     * @param ignoresValue keep the value that is there
     * @param ignoresLease keep the lease that is there
     * @param wantsPrevious answer the pair as it was
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Put(
            byte[] key,
            byte[] source,
            int valueOffset,
            int valueLength,
            long lease,
            boolean ignoresValue,
            boolean ignoresLease,
            boolean wantsPrevious) {}

    /** @param previous the mvccpb.KeyValue as it was; null if there was none or it was not asked for */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record PutOutcome(long revision, byte @Nullable [] previous) {}

    /** @param previous the mvccpb.KeyValues as they were; empty if they were not asked for */
    public record DeleteOutcome(long revision, long deleted, List<byte[]> previous) {}
}
