package dev.quorate.kv.watch;

import dev.quorate.kv.mvcc.KeyChange;
import dev.quorate.kv.mvcc.KeyRange;
import java.util.ArrayList;
import java.util.List;

/** Somebody who wants to know the changes of some keys. Used by one thread. */
class Interest {

    final KeyRange range;
    final EventFilter filter;
    /** Where this stands in the {@link InterestSet} that it is in. */
    int position;
    /** Changes that are found and not handed on yet. */
    private List<KeyChange> found = List.of();

    Interest(KeyRange range, EventFilter filter) {
        this.range = range;
        this.filter = filter;
    }

    /** Whether this is the first change since they were taken last. */
    final boolean add(KeyChange change) {
        boolean isFirst = found.isEmpty();
        if (isFirst) {
            found = new ArrayList<>(1);
        }
        found.add(change);
        return isFirst;
    }

    final List<KeyChange> takeFound() {
        List<KeyChange> taken = found;
        found = List.of();
        return taken;
    }
}
