package dev.quorate.kv.mvcc;

import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * The leases that exist, in memory: whoever counts their time needs all of them, and a put must find its own without a look at
 * the disk. What is here is in the table, or in the batch that is being gathered. Written by the writer, read by anybody.
 */
final class Leases {

    private final Map<Long, Lease> byId = new ConcurrentSkipListMap<>();

    /** Begins anew from what the table has. */
    void reset(SortedMap<Long, Lease> stored) {
        byId.keySet().retainAll(stored.keySet());
        byId.putAll(stored);
    }

    @Nullable
    Lease get(long id) {
        return byId.get(id);
    }

    void put(Lease lease) {
        byId.put(lease.id(), lease);
    }

    void remove(long id) {
        byId.remove(id);
    }

    /** Each as it is when the iteration comes to it. */
    Iterable<Lease> all() {
        return byId.values();
    }
}
