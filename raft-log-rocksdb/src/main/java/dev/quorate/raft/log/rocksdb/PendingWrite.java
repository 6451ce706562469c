package dev.quorate.raft.log.rocksdb;

import dev.quorate.raft.Persist;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.HardState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * What several Persists amount to, and its batch. They are applied to the {@link LogShape} one by one, in order; what is left
 * of their entries in the end is one contiguous run that follows what stays of the stored log:
 *
 * <pre>
 *   stored   │ ─────────────────────────── │
 *   kept     │ ────────────── │
 *   run                       │ ───────────────────── │
 * </pre>
 *
 * <p>One thread. Used for one write after the other.
 */
final class PendingWrite {

    private final long groupId;
    private final LogReader reader;
    private final ChunkEncoder encoder;

    private final List<Entry> run = new ArrayList<>();
    private final List<Integer> droppedGenerations = new ArrayList<>();
    private long termBeforeRun;
    private long storedLastIndex;
    private long keptLastIndex;
    private @Nullable HardState hardState;
    private boolean repaired;

    PendingWrite(long groupId, LogReader reader, ChunkEncoder encoder) {
        this.groupId = groupId;
        this.reader = reader;
        this.encoder = encoder;
    }

    /** @param shape the log as it is stored */
    void begin(LogShape shape) {
        run.clear();
        droppedGenerations.clear();
        storedLastIndex = shape.lastIndex();
        keptLastIndex = shape.lastIndex();
        hardState = null;
        repaired = false;
    }

    void add(Persist persist, LogShape shape) {
        if (persist.resetTo() != null) {
            droppedGenerations.add(shape.generation());
            shape.reset(persist.resetTo());
            run.clear();
            storedLastIndex = shape.lastIndex();
            keptLastIndex = shape.lastIndex();
        }
        if (!persist.entries().isEmpty()) {
            append(persist.entries(), shape);
        }
        if (persist.compactThrough() != null) {
            shape.compactThrough(persist.compactThrough());
        }
        if (persist.hardState() != null) {
            hardState = persist.hardState();
        }
        repaired |= persist.repaired();
    }

    private void append(List<Entry> entries, LogShape shape) {
        long first = entries.get(0).index();
        if (first <= shape.lastIndex()) {
            shape.truncateFrom(first);
            if (first <= keptLastIndex) {
                keptLastIndex = first - 1;
                run.clear();
            } else {
                run.subList((int) (first - keptLastIndex - 1), run.size()).clear();
            }
        }
        if (run.isEmpty()) {
            termBeforeRun = shape.lastTerm();
        }
        for (Entry entry : entries) {
            shape.append(entry);
        }
        run.addAll(entries);
    }

    /** The new term and vote, null if they stay. */
    @Nullable
    HardState hardState() {
        return hardState;
    }

    /** Generations whose chunks this write drops. */
    List<Integer> droppedGenerations() {
        return List.copyOf(droppedGenerations);
    }

    void writeTo(WriteBatch batch, Engine engine, LogShape shape) throws IOException, RocksDBException {
        for (int generation : droppedGenerations) {
            batch.deleteRange(
                    engine.logFamily(), Keys.chunk(groupId, generation, 0), Keys.chunk(groupId, generation, Keys.END));
        }
        if (keptLastIndex < storedLastIndex) {
            truncate(batch, engine, shape.generation());
        }
        putRun(batch, engine, shape.generation());
        putFacts(batch, engine, shape);
    }

    private void truncate(WriteBatch batch, Engine engine, int generation) throws IOException, RocksDBException {
        batch.deleteRange(
                engine.logFamily(),
                Keys.chunk(groupId, generation, keptLastIndex + 1),
                Keys.chunk(groupId, generation, Keys.END));
        Chunk crossing = reader.chunkAt(generation, keptLastIndex);
        if (crossing != null && crossing.lastIndex() > keptLastIndex) {
            encoder.begin(crossing.previousTerm());
            while (crossing.next() && crossing.index() <= keptLastIndex) {
                encoder.add(crossing.entry());
            }
            put(batch, engine, generation, crossing.firstIndex());
        }
    }

    private void putRun(WriteBatch batch, Engine engine, int generation) throws RocksDBException {
        if (run.isEmpty()) {
            return;
        }
        long firstIndex = run.get(0).index();
        encoder.begin(termBeforeRun);
        for (Entry entry : run) {
            if (!encoder.takes(entry)) {
                long term = encoder.lastTerm();
                put(batch, engine, generation, firstIndex);
                firstIndex = entry.index();
                encoder.begin(term);
            }
            encoder.add(entry);
        }
        put(batch, engine, generation, firstIndex);
        // Payloads may be large, and the next write may be long in coming.
        run.clear();
    }

    private void put(WriteBatch batch, Engine engine, int generation, long firstIndex) throws RocksDBException {
        var value = encoder.finish(groupId, generation, firstIndex);
        batch.put(engine.logFamily(), encoder.key(), value);
    }

    private void putFacts(WriteBatch batch, Engine engine, LogShape shape) throws RocksDBException {
        FactWriter facts = new FactWriter(groupId, batch, engine.factsFamily());
        shape.writeChangesTo(facts);
        if (hardState != null) {
            facts.hardState(hardState);
        }
        if (repaired) {
            facts.damaged(false);
        }
    }
}
