package dev.quorate.kv.rpc;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.KeyValue;
import dev.quorate.kv.api.LeaderRequest;
import dev.quorate.kv.api.LeaderResponse;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.auth.Caller;
import dev.quorate.kv.mvcc.KeyChange;
import dev.quorate.kv.mvcc.KeyRange;
import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.KvException;
import dev.quorate.kv.mvcc.MvccStore;
import dev.quorate.kv.mvcc.RangeResult;
import dev.quorate.kv.watch.EventFilter;
import dev.quorate.kv.watch.WatchGroup;
import dev.quorate.kv.watch.WatchHub;
import dev.quorate.kv.watch.WatchSink;
import dev.quorate.kv.watch.Watcher;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells a client who leads, each time it is another one or he proclaims something else: keeps the keys of the election as they were
 * at the last revision it has seen, and follows their changes. On the watch thread, but for what the network says.
 */
final class ElectionObserver extends ServerCall.Listener<byte[]> implements WatchSink {

    private final WatchHub hub;
    private final MvccStore store;
    private final Access access;
    private final Headers headers;
    private final ServerCall<byte[], byte[]> call;
    private final Caller caller;
    private final Map<ByteString, KeyValue> candidates = new HashMap<>();
    private @Nullable WatchGroup group;
    private @Nullable KeyValue told;
    private boolean isClosed;

    ElectionObserver(WatchHub hub, MvccStore store, Access access, Headers headers, ServerCall<byte[], byte[]> call) {
        this.hub = hub;
        this.store = store;
        this.access = access;
        this.headers = headers;
        this.call = call;
        this.caller = Access.caller();
    }

    ElectionObserver begin() {
        call.sendHeaders(new Metadata());
        call.request(1);
        return this;
    }

    @Override
    public void onMessage(byte[] bytes) {
        LeaderRequest request;
        try {
            request = Marshallers.request(LeaderRequest.parser(), bytes);
            access.range(caller, everybody(request.getName()));
        } catch (KvException e) {
            call.close(Errors.status(e.error()), Errors.trailers(true));
            isClosed = true;
            return;
        }
        if (!hub.execute(() -> observe(request.getName()))) {
            call.close(Errors.status(KvError.STOPPED), Errors.trailers(true));
        }
    }

    private static RangeRequest everybody(ByteString name) {
        return RangeRequest.newBuilder()
                .setKey(KeyQueue.prefix(name))
                .setRangeEnd(KeyQueue.end(name))
                .build();
    }

    private void observe(ByteString name) {
        if (isClosed) {
            return;
        }
        RangeResult now;
        try {
            now = store.range(everybody(name)); // an election has few candidates
        } catch (KvException e) {
            close(Errors.status(e.error()));
            return;
        }
        for (byte[] bytes : now.pairs()) {
            KeyValue candidate = KeyQueue.pair(bytes);
            candidates.put(candidate.getKey(), candidate);
        }
        tellLeader(now.revision());
        WatchGroup opened = hub.open(this);
        group = opened;
        Watcher watcher = opened.add(
                0,
                KeyRange.of(KeyQueue.prefix(name), KeyQueue.end(name)),
                new EventFilter(true, true, false),
                now.revision() + 1);
        if (watcher == null) {
            close(Errors.status(KvError.TOO_MANY_REQUESTS));
        } else {
            opened.begin(watcher);
        }
    }

    @Override
    public void onReady() {
        hub.execute(() -> {
            WatchGroup opened = group;
            if (opened != null) {
                opened.ready();
            }
        });
    }

    @Override
    public void onCancel() {
        hub.execute(this::forget);
    }

    @Override
    public boolean isReady() {
        return call.isReady();
    }

    @Override
    public void changes(Watcher watcher, List<KeyChange> changes, long revision) {
        for (int i = 0; i < changes.size(); i++) {
            KeyChange change = changes.get(i);
            ByteString key = ByteString.copyFrom(change.key());
            if (change.isDelete()) {
                candidates.remove(key);
            } else {
                candidates.put(key, KeyQueue.pair(change.pair()));
            }
            boolean isWhole = i + 1 == changes.size() || changes.get(i + 1).revision() > change.revision();
            if (isWhole) { // in the middle of a revision there may be a leader that there never was
                tellLeader(change.revision());
            }
        }
    }

    private void tellLeader(long revision) {
        KeyValue first = null;
        for (KeyValue candidate : candidates.values()) {
            if (first == null || candidate.getCreateRevision() < first.getCreateRevision()) {
                first = candidate;
            }
        }
        if (first != null && !first.equals(told) && !isClosed) {
            told = first;
            call.sendMessage(LeaderResponse.newBuilder()
                    .setHeader(headers.message(revision))
                    .setKv(first)
                    .build()
                    .toByteArray());
        }
    }

    @Override
    public void compacted(Watcher watcher, long compactRevision) {
        close(Errors.status(KvError.COMPACTED));
    }

    @Override
    public void progress(long revision) {}

    @Override
    public void ended(@Nullable Throwable failure) {
        close(Errors.status(KvError.STOPPED));
    }

    private void close(Status status) {
        if (!isClosed) {
            forget();
            call.close(status, Errors.trailers(true));
        }
    }

    private void forget() {
        isClosed = true;
        WatchGroup opened = group;
        if (opened != null) {
            opened.close();
        }
    }

    @Override
    public String toString() {
        return "an observer of an election";
    }
}
