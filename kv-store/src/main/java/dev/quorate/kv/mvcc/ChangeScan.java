package dev.quorate.kv.mvcc;

import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/** Reads changes out of the table of revisions, which has them in their order. */
public final class ChangeScan {

    /**
     * How far a scan came.
     *
     * @param compacted the compacted revision as of the scan; if the scan should have begun before it, it has read nothing
     * @param revision the store's revision as of the scan
     * @param upTo every change up to and with this revision was visited; {@code revision} at the most
     */
    public record Outcome(long compacted, long revision, long upTo) {}

    /** Is shown each change. */
    public interface Visitor {

        /** @return how many bytes it keeps because of this change; they count for the scan's limit */
        long visit(KeyChange change, ChangeScan scan);
    }

    private final SnapshotView view;

    private ChangeScan(SnapshotView view) {
        this.view = view;
    }

    /** Makes {@link KeyChange#previousPair} known. */
    public void readPrevious(KeyChange change) {
        change.readPrevious(view);
    }

    /** Reads whole revisions until a limit is passed. */
    static Outcome run(SnapshotView view, long from, int maxRows, long maxBytes, Visitor visitor) {
        State state = view.state();
        if (from < state.compacted() || from > state.revision()) {
            return new Outcome(state.compacted(), state.revision(), Math.min(from - 1, state.revision()));
        }
        ChangeScan scan = new ChangeScan(view);
        int rowCount = 0;
        long bytes = 0;
        long last = from - 1;
        try (RocksIterator rows = view.revisions()) {
            for (rows.seek(new Revision(from, 0).toKey()); rows.isValid(); rows.next()) {
                Revision place = Revision.ofKey(rows.key());
                if (place.main() != last && (rowCount >= maxRows || bytes >= maxBytes)) {
                    return new Outcome(state.compacted(), state.revision(), place.main() - 1);
                }
                last = place.main();
                rowCount++;
                bytes += visitor.visit(KeyChange.ofRow(place, rows.value()), scan);
            }
            rows.status(); // an iterator ends at a bad block as if there were no more rows
        } catch (RocksDBException e) {
            throw new StorageException("a scan of the revisions failed", e);
        }
        return new Outcome(state.compacted(), state.revision(), state.revision());
    }
}
