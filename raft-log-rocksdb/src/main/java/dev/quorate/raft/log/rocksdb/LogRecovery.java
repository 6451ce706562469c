package dev.quorate.raft.log.rocksdb;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.HardState;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.Recovered;
import dev.quorate.raft.model.SnapshotMeta;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksIterator;

/**
 * What a group left behind: its facts, and the tail of its log, checked against each other. Changes nothing.
 *
 * @param isNew true if this group was never here, or its log was set aside
 * @param isDamaged true if it was, and is not repaired yet
 */
record LogRecovery(
        boolean isNew, long lastIncarnation, HardState hardState, LogShape shape, List<Entry> tail, boolean isDamaged) {

    static LogRecovery read(Engine engine, long groupId, Membership initial, long tailBytes) throws IOException {
        FactReader facts = new FactReader(groupId);
        facts.read(engine);
        LogReader reader = new LogReader(engine, groupId);
        Facts.Base base = facts.base;
        if (base == null) {
            facts.requireNothing();
            base = new Facts.Base(0, new SnapshotMeta(EntryId.ZERO, initial));
            return new LogRecovery(true, 0, HardState.INITIAL, new LogShape(base), List.of(), false);
        }
        LogReader.Tail tail = reader.tail(base.generation(), base.meta().index(), tailBytes);
        LogShape shape;
        if (tail == null) {
            shape = facts.shape(base, base.meta().index(), base.meta().term());
        } else {
            requireStart(reader, groupId, base);
            shape = facts.shape(base, tail.lastIndex(), tail.lastTerm());
        }
        return new LogRecovery(
                false,
                facts.incarnation,
                facts.hardState,
                shape,
                tail == null ? List.of() : tail.entries(),
                facts.isDamaged);
    }

    /** The log of a group that was here, as its promises show, and whose database was set aside. */
    LogRecovery afterDamage(Promises.Promise promised) {
        return new LogRecovery(true, promised.incarnation(), promised.hardState(), shape, tail, true);
    }

    Recovered begin(long incarnation) {
        return new Recovered(
                incarnation,
                hardState,
                shape.base(),
                shape.termRunsAboveBase(),
                shape.membershipEntries(),
                shape.lastIndex(),
                tail,
                isDamaged);
    }

    /** The first entry after the base must be there, and follow an entry of the base's term. */
    private static void requireStart(LogReader reader, long groupId, Facts.Base base) throws IOException {
        long first = base.meta().index() + 1;
        Chunk chunk = reader.chunkAt(base.generation(), first);
        if (chunk == null || chunk.lastIndex() < first) {
            throw new CorruptLogException(
                    "group " + groupId + ": entry " + first + " is missing, the first one after the log's base "
                            + base.meta().lastIncluded());
        }
        if (chunk.firstIndex() == first && chunk.previousTerm() != base.meta().term()) {
            throw new CorruptLogException("group " + groupId + ": the log's base is "
                    + base.meta().lastIncluded() + ", and the entries that follow it were written after one of term "
                    + chunk.previousTerm());
        }
    }

    /** Reads the facts of one group. */
    private static final class FactReader {

        private final long groupId;
        private Facts.@Nullable Base base;
        private long incarnation;
        private HardState hardState = HardState.INITIAL;
        private boolean isDamaged;
        private final TreeMap<Long, Long> termRuns = new TreeMap<>();
        private final TreeMap<Long, Entry> memberships = new TreeMap<>();
        private final List<Integer> kinds = new ArrayList<>();

        FactReader(long groupId) {
            this.groupId = groupId;
        }

        void read(Engine engine) throws IOException {
            try (RocksIterator facts = engine.facts()) {
                for (facts.seek(Keys.fact(groupId, Keys.HARD_STATE));
                        facts.isValid() && Keys.isFactOf(facts.key(), groupId);
                        facts.next()) {
                    read(facts.key(), facts.value());
                }
                LogReader.requireHealthy(facts, groupId);
            }
        }

        private void read(byte[] key, byte[] value) throws CorruptLogException {
            byte kind = Keys.kind(key);
            kinds.add((int) kind);
            String place = "group " + groupId + ", ";
            switch (kind) {
                case Keys.HARD_STATE -> hardState = Facts.decodeHardState(place + "hard state", key, value);
                case Keys.BASE -> base = Facts.decodeBase(place + "base", key, value);
                case Keys.INCARNATION -> incarnation = Facts.decodeNumber(place + "incarnation", key, value);
                case Keys.TERM_RUN -> {
                    long first = Keys.factIndex(key);
                    termRuns.put(first, Facts.decodeNumber(place + "term run from index " + first, key, value));
                }
                case Keys.MEMBERSHIP -> {
                    long index = Keys.factIndex(key);
                    memberships.put(index, Facts.decodeEntry(place + "membership at index " + index, key, value));
                }
                case Keys.DAMAGED -> isDamaged = Facts.decodeNumber(place + "damage", key, value) != 0;
                default -> throw new CorruptLogException(place + "a fact of the unknown kind " + kind);
            }
        }

        /** A group without a base was never written. */
        void requireNothing() throws CorruptLogException {
            if (!kinds.isEmpty()) {
                throw new CorruptLogException("group " + groupId
                        + ": the base of the log is missing, and facts of the kinds " + kinds + " are there");
            }
        }

        /** The marks and the entries are written together, so they must agree on where the log ends. */
        LogShape shape(Facts.Base base, long lastIndex, long lastTerm) throws CorruptLogException {
            Map.Entry<Long, Long> lastRun = termRuns.lastEntry();
            long markedTerm = lastRun == null ? base.meta().term() : lastRun.getValue();
            long newestMark =
                    Math.max(lastRun == null ? 0 : lastRun.getKey(), memberships.isEmpty() ? 0 : memberships.lastKey());
            if (newestMark > lastIndex || markedTerm != lastTerm) {
                throw new CorruptLogException("group " + groupId + ": the log ends at "
                        + new EntryId(lastIndex, lastTerm)
                        + ", and what is known of its terms and memberships reaches index " + newestMark + " and term "
                        + markedTerm);
            }
            return new LogShape(base, lastIndex, lastTerm, termRuns, memberships);
        }
    }
}
