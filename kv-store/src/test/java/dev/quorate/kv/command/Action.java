package dev.quorate.kv.command;

import dev.quorate.kv.api.DeleteRangeRequest;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.TxnRequest;

/** One step of a random life of a store. */
sealed interface Action {

    record Put(PutRequest request) implements Action {}

    record Delete(DeleteRangeRequest request) implements Action {}

    record Txn(TxnRequest request) implements Action {}

    /** @param back how far below the store's revision; negative for the future */
    record Compact(int back) implements Action {}

    /** @param back how far below the store's revision to read; negative for the future, 100 for the newest */
    record Range(RangeRequest request, int back) implements Action {}

    /** Ends the batch: what comes before is in the tables. */
    record EndBatch() implements Action {}

    /** Writes memory to disk. */
    record Flush() implements Action {}

    /** Stops without a flush, and starts again from the log. */
    record Crash() implements Action {}

    /** Takes a snapshot, and replaces the state by it. */
    record SnapshotAndRestore() implements Action {}

    /** Waits until compacted versions are removed. */
    record AwaitRemoval() implements Action {}
}
