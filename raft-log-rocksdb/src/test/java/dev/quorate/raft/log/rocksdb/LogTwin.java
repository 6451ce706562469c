package dev.quorate.raft.log.rocksdb;

import static dev.quorate.raft.log.rocksdb.Logs.persist;

import dev.quorate.raft.Persist;
import dev.quorate.raft.log.rocksdb.LogModelTest.Step;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.HardState;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.Recovered.TermRun;
import dev.quorate.raft.model.SnapshotMeta;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** The naive twin of a durable log: entries in a map, everything else found by looking at all of them. */
final class LogTwin {

    final TreeMap<Long, Entry> entries = new TreeMap<>();
    SnapshotMeta base = new SnapshotMeta(EntryId.ZERO, Logs.THREE);
    HardState hardState = HardState.INITIAL;
    long incarnation = 1;

    /** Terms are not given twice, so that no two entries are equal by accident. */
    private long newestTerm = 1;

    /** Does what the step says, and returns the Persist that says the same. */
    Persist apply(Step step) {
        long length = lastIndex() - base.index();
        return switch (step.kind()) {
            case APPEND -> append(lastIndex() + 1, 1 + step.a() % 20, Math.max(1, lastTerm()), step.b());
            case APPEND_IN_NEW_TERM -> append(lastIndex() + 1, 1 + step.a() % 8, ++newestTerm, step.b());
            case MEMBERSHIP -> {
                Entry entry = Entry.membership(
                        lastIndex() + 1, Math.max(1, lastTerm()), step.a() % 2 == 0 ? Logs.THREE : Logs.FOUR);
                entries.put(entry.index(), entry);
                yield Logs.append(List.of(entry));
            }
            case TRUNCATE -> {
                long from = lastIndex() + 1 - (length == 0 ? 0 : step.a() % length + 1);
                yield append(from, 1 + step.b() % 5, ++newestTerm, step.b());
            }
            case COMPACT -> {
                long through = base.index() + (length == 0 ? 0 : step.a() % (length + 1));
                SnapshotMeta meta = new SnapshotMeta(at(through), Logs.FOUR);
                if (through > base.index()) {
                    base = meta;
                    entries.headMap(through, true).clear();
                }
                yield Logs.compact(meta);
            }
            case RESET -> {
                base = new SnapshotMeta(
                        new EntryId(base.index() + step.a() * 2L, newestTerm),
                        step.b() % 2 == 0 ? Logs.THREE : Logs.FOUR);
                entries.clear();
                yield Logs.reset(base);
            }
            case VOTE -> {
                hardState = new HardState(++newestTerm, step.a() % 3 == 0 ? null : NodeId.of("n" + step.a()));
                yield persist(hardState, List.of(), null, null);
            }
            case RESTART -> throw new AssertionError("a restart writes nothing");
        };
    }

    private Persist append(long from, int count, long term, int salt) {
        entries.tailMap(from, true).clear();
        List<Entry> added = new ArrayList<>();
        for (long index = from; index < from + count; index++) {
            // Some larger than a chunk, most smaller.
            byte[] payload = new byte[(int) ((index * 31 + salt) % 13 == 0 ? 900 : (index + salt) % 100)];
            java.util.Arrays.fill(payload, (byte) (index * 7 + term));
            Entry entry = (index + salt) % 17 == 0 ? Entry.noOp(index, term) : Entry.command(index, term, payload);
            added.add(entry);
            entries.put(index, entry);
        }
        return Logs.append(added);
    }

    long lastIndex() {
        return entries.isEmpty() ? base.index() : entries.lastKey();
    }

    private long lastTerm() {
        return entries.isEmpty() ? base.term() : entries.lastEntry().getValue().term();
    }

    private EntryId at(long index) {
        Entry entry = entries.get(index);
        return entry == null ? base.lastIncluded() : entry.id();
    }

    List<Entry> range(long from, long to) {
        return List.copyOf(entries.subMap(from, true, to, true).values());
    }

    List<Entry> limited(long from, long to, long maxBytes) {
        List<Entry> limited = new ArrayList<>();
        long bytes = 0;
        for (Entry entry : range(from, to)) {
            bytes += entry.sizeBytes();
            if (bytes > maxBytes && !limited.isEmpty()) {
                break;
            }
            limited.add(entry);
        }
        return limited;
    }

    List<TermRun> termRuns() {
        List<TermRun> runs = new ArrayList<>();
        for (Entry entry : entries.values()) {
            if (runs.isEmpty() || runs.get(runs.size() - 1).term() != entry.term()) {
                runs.add(new TermRun(entry.index(), entry.term()));
            }
        }
        return runs;
    }

    List<Entry> memberships() {
        return entries.values().stream()
                .filter(entry -> entry.type() == Entry.Type.MEMBERSHIP)
                .toList();
    }

    /** The newest entries, as many as fit. */
    List<Entry> tail(long maxBytes) {
        List<Entry> tail = new ArrayList<>();
        long bytes = 0;
        for (Entry entry : entries.descendingMap().values()) {
            bytes += entry.sizeBytes();
            if (bytes > maxBytes) {
                break;
            }
            tail.add(0, entry);
        }
        return tail;
    }
}
