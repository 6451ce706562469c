package dev.quorate.kv.mvcc;

import java.util.List;

/** Hears what is written. Called by the writer's thread, which must not be kept. */
public interface ChangeFeed {

    /** Whether anybody wants to know; asked after a state is shown to readers. */
    boolean isListening();

    /**
     * These changes are in the tables now, and readers see them.
     *
     * @param changes handed over; whole revisions, without a gap, in the order of the writes
     */
    void changed(List<KeyChange> changes);

    /** The tables were replaced by those of a snapshot, which stand at this revision: what led there is not told. */
    void replaced(long revision);

    /** Nobody listens. */
    ChangeFeed NONE = new ChangeFeed() {
        @Override
        public boolean isListening() {
            return false;
        }

        @Override
        public void changed(List<KeyChange> changes) {}

        @Override
        public void replaced(long revision) {}
    };
}
