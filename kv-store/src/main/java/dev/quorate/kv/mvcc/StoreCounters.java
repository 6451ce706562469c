package dev.quorate.kv.mvcc;

import java.util.concurrent.atomic.LongAdder;

/** What was done to a store of this process since it was opened: applied here, whoever asked for it. */
public final class StoreCounters {

    final LongAdder ranges = new LongAdder();
    final LongAdder puts = new LongAdder();
    final LongAdder deletes = new LongAdder();
    final LongAdder txns = new LongAdder();

    StoreCounters() {}

    /** Ranges that were read, but for those inside of transactions. */
    public long ranges() {
        return ranges.sum();
    }

    /** Keys that were put, in transactions too. */
    public long puts() {
        return puts.sum();
    }

    /** Keys that were deleted, in transactions and by the ends of leases too. */
    public long deletes() {
        return deletes.sum();
    }

    /** Transactions, read-only ones too. */
    public long txns() {
        return txns.sum();
    }
}
