package dev.quorate.kv.watch;

import com.google.protobuf.ByteString;
import dev.quorate.kv.mvcc.KeyChange;
import dev.quorate.kv.mvcc.KeyRange;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Completes a future when a key is deleted. */
final class DeletionWait implements ChangeListener {

    private static final EventFilter DELETES = new EventFilter(false, true, false);

    private final CompletableFuture<Long> deleted = new CompletableFuture<>();

    private DeletionWait() {}

    @SuppressWarnings("FutureReturnValueIgnored") // the caller has the future
    static CompletableFuture<Long> begin(WatchHub hub, ByteString key, long fromRevision) {
        DeletionWait wait = new DeletionWait();
        Subscription subscription = hub.subscribe(KeyRange.of(key, ByteString.EMPTY), DELETES, fromRevision, wait);
        wait.deleted.whenComplete((revision, failure) -> subscription.close());
        return wait.deleted;
    }

    @Override
    public void changed(List<KeyChange> changes) {
        deleted.complete(changes.get(0).revision());
    }

    @Override
    public void ended(WatchEndedException why) {
        deleted.completeExceptionally(why);
    }
}
