package dev.quorate.kv.mvcc;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The changes of one request, which sees them itself before they are part of the batch. Without {@link #commit} nothing has
 * happened.
 *
 * <p>A request writes a key at the most once: what would write it twice is refused before it is proposed.
 */
final class WriteTxn implements View {

    private final Writer writer;
    private final State before;
    private final long revision;
    private final SortedMap<byte[], Change> changes = new TreeMap<>(Arrays::compareUnsigned);
    private final List<Change> inOrder = new ArrayList<>();

    /** @param previous the key's newest version before this request, null if there was none */
    private record Change(@Nullable Version previous, Version next) {}

    WriteTxn(Writer writer) {
        this.writer = writer;
        this.before = writer.state();
        this.revision = before.revision() + 1;
    }

    /** The state before the request; only its revision is that of the request as soon as it has changed something. */
    @Override
    public State state() {
        return new State(currentRevision(), before.compacted(), before.appliedIndex());
    }

    State stateBefore() {
        return before;
    }

    long currentRevision() {
        return inOrder.isEmpty() ? before.revision() : revision;
    }

    @Override
    public @Nullable Version newest(byte[] key) {
        Change change = changes.get(key);
        return change != null ? change.next() : writer.newest(key);
    }

    @Override
    public void scan(KeyRange range, Consumer<Version> each) {
        SortedMap<byte[], Change> mine = changes.tailMap(range.from());
        List<Change> own = new ArrayList<>();
        for (Change change : mine.values()) {
            if (!range.reaches(change.next().key())) {
                break;
            }
            own.add(change);
        }
        int[] next = {0};
        writer.tables().scan(range, version -> {
            while (next[0] < own.size()) {
                Version mineNext = own.get(next[0]).next();
                int order = Arrays.compareUnsigned(mineNext.key(), version.key());
                if (order > 0) {
                    break;
                }
                next[0]++;
                each.accept(mineNext);
                if (order == 0) {
                    return;
                }
            }
            each.accept(version);
        });
        for (; next[0] < own.size(); next[0]++) {
            each.accept(own.get(next[0]).next());
        }
    }

    @Override
    public @Nullable Version at(Version newest, long asked) {
        Change change = changes.get(newest.key());
        Version older = change == null ? newest : change.previous();
        return older == null || older.mod() <= asked ? older : writer.tables().at(older, asked);
    }

    @Override
    public byte[] pair(Version version) {
        return writer.pair(version);
    }

    Writer.PutOutcome put(Writer.Put put) throws KvException {
        Version previous = newest(put.key());
        requireExistingKey(put, previous);
        writer.requireLease(put);
        byte[] pairBefore = put.wantsPrevious() ? writer.pairOf(previous) : null;
        add(previous, successor(previous, put, nextPlace(), writer::pair));
        return new Writer.PutOutcome(revision, pairBefore);
    }

    Writer.DeleteOutcome delete(KeyRange range, boolean wantsPrevious) {
        List<Version> found = new ArrayList<>();
        Consumer<Version> collect = version -> {
            if (!version.isTombstone()) {
                found.add(version);
            }
        };
        if (range.isSingle()) {
            Version newest = newest(range.from());
            if (newest != null) {
                collect.accept(newest);
            }
        } else {
            scan(range, collect);
        }
        List<byte[]> previous = new ArrayList<>(wantsPrevious ? found.size() : 0);
        for (Version version : found) {
            if (wantsPrevious) {
                previous.add(pair(version));
            }
            Revision place = nextPlace();
            add(version, Version.tombstone(version.key(), place, version.line().append(place)));
        }
        return new Writer.DeleteOutcome(currentRevision(), found.size(), previous);
    }

    void commit() {
        if (inOrder.isEmpty()) {
            return;
        }
        writer.raiseRevision();
        for (Change change : inOrder) {
            writer.append(change.previous(), change.next());
        }
    }

    private Revision nextPlace() {
        return new Revision(revision, inOrder.size());
    }

    private void add(@Nullable Version previous, Version next) {
        Change change = new Change(previous, next);
        changes.put(next.key(), change);
        inOrder.add(change);
    }

    /** The version that a put makes. */
    static Version successor(
            @Nullable Version previous, Writer.Put put, Revision place, Function<Version, byte[]> pairs) {
        Chain chain = previous == null ? Chain.start(place) : previous.line().append(place);
        long create = place.main();
        long version = 1;
        long lease = put.lease();
        byte[] source = put.source();
        int offset = put.valueOffset();
        int length = put.valueLength();
        if (previous != null && !previous.isTombstone()) {
            create = previous.create();
            version = previous.version() + 1;
            if (put.ignoresLease()) {
                lease = previous.lease();
            }
            if (put.ignoresValue()) {
                source = pairs.apply(previous);
                KeyValueCodec.ValueSlice value = KeyValueCodec.value(source);
                offset = value.offset();
                length = value.length();
            }
        }
        byte[] pair = KeyValueCodec.encode(put.key(), create, place.main(), version, lease, source, offset, length);
        return new Version(put.key(), place.main(), place.sub(), create, version, lease, chain, pair);
    }

    static void requireExistingKey(Writer.Put put, @Nullable Version previous) throws KvException {
        if ((put.ignoresValue() || put.ignoresLease()) && (previous == null || previous.isTombstone())) {
            throw new KvException(KvError.KEY_NOT_FOUND);
        }
    }
}
