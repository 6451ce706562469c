package dev.quorate.kv.mvcc;

import org.rocksdb.ReadOptions;
import org.rocksdb.Snapshot;

/** The store as it was when this was opened, whatever is written meanwhile. */
final class SnapshotView extends TableView implements AutoCloseable {

    private final Engine engine;
    private final Snapshot snapshot;
    private final ReadOptions options;

    private SnapshotView(Engine engine, Snapshot snapshot, ReadOptions options, State state) {
        super(engine, options, state);
        this.engine = engine;
        this.snapshot = snapshot;
        this.options = options;
    }

    static SnapshotView open(Engine engine) {
        Snapshot snapshot = engine.snapshot();
        ReadOptions options = new ReadOptions().setSnapshot(snapshot);
        return new SnapshotView(engine, snapshot, options, StateRows.state(engine, options));
    }

    @Override
    public void close() {
        options.close();
        engine.release(snapshot);
        snapshot.close();
    }
}
