package dev.quorate.kv.rpc;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.WatchCreateRequest;
import dev.quorate.kv.api.WatchRequest;
import dev.quorate.kv.api.WatchResponse;
import dev.quorate.kv.auth.AuthState;
import dev.quorate.kv.auth.Caller;
import dev.quorate.kv.command.RequestChecks;
import dev.quorate.kv.mvcc.KeyChange;
import dev.quorate.kv.mvcc.KeyRange;
import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.KvException;
import dev.quorate.kv.watch.EventFilter;
import dev.quorate.kv.watch.WatchGroup;
import dev.quorate.kv.watch.WatchSink;
import dev.quorate.kv.watch.Watcher;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A client's stream of watches. The network's thread hands its requests over; everything else happens on the watch thread, which
 * alone speaks to the client, so that answers and events keep their order.
 *
 * <p>The next request is taken from the network when the client reads its answers: one who only asks fills his own buffers.
 */
final class WatchStream extends ServerCall.Listener<byte[]> implements WatchSink {

    /** In answers that are about no watcher. */
    private static final long NO_WATCH = -1;

    private static final ByteString ZERO = ByteString.copyFrom(new byte[1]);

    private final WatchService service;
    private final ServerCall<byte[], byte[]> call;
    private final Caller caller;
    private final boolean needsLeader;
    // The rest is used on the watch thread only.
    private final Map<Long, Watch> watches = new TreeMap<>();
    private @Nullable WatchGroup group;
    private long nextId;
    private long authRevision;
    private boolean owesRequest;
    private boolean isClosed;

    /** One watcher, as its client wants it. */
    private static final class Watch {
        final Watcher watcher;
        final WatchCreateRequest request;
        /** Whether there was something since the last look at who should be told of progress. */
        boolean hasSpoken;

        Watch(Watcher watcher, WatchCreateRequest request) {
            this.watcher = watcher;
            this.request = request;
        }
    }

    WatchStream(WatchService service, ServerCall<byte[], byte[]> call, Caller caller, boolean needsLeader) {
        this.service = service;
        this.call = call;
        this.caller = caller;
        this.needsLeader = needsLeader;
    }

    // ---- the network's thread -------------------------------------------------------------------------------------

    @Override
    public void onMessage(byte[] message) {
        WatchRequest request;
        try {
            request = Marshallers.request(WatchRequest.parser(), message);
        } catch (KvException e) {
            later(() -> close(Errors.status(e.error())));
            return;
        }
        later(() -> handle(request));
    }

    @Override
    public void onReady() {
        later(() -> {
            WatchGroup opened = group;
            if (opened != null) {
                opened.ready();
            }
            takeNext();
        });
    }

    @Override
    public void onHalfClose() {
        later(() -> close(Status.OK));
    }

    @Override
    public void onCancel() {
        later(this::forget);
    }

    private void later(Runnable what) {
        if (!service.hub.execute(what)) {
            // Watches have ended on this member, and so has this stream.
            return;
        }
    }

    // ---- the watch thread -----------------------------------------------------------------------------------------

    void open() {
        group = service.hub.open(this);
        authRevision = service.access.state().revision();
        service.opened(this);
        call.request(1);
    }

    private void handle(WatchRequest request) {
        WatchGroup opened = group;
        if (isClosed || opened == null) {
            return;
        }
        switch (request.getRequestUnionCase()) {
            case CREATE_REQUEST -> create(opened, request.getCreateRequest());
            case CANCEL_REQUEST -> cancel(opened, request.getCancelRequest().getWatchId());
            case PROGRESS_REQUEST -> opened.requestProgress();
            case REQUESTUNION_NOT_SET -> {} // as etcd, which looks for what it knows
        }
        owesRequest = true;
        takeNext();
    }

    private void takeNext() {
        if (owesRequest && !isClosed && call.isReady()) {
            owesRequest = false;
            call.request(1);
        }
    }

    private void create(WatchGroup opened, WatchCreateRequest request) {
        KvError denial = denial(request);
        if (denial != null) {
            refuse("rpc error: code = " + codeName(denial) + " desc = " + denial.text());
            return;
        }
        long id = request.getWatchId();
        if (id != 0 && watches.containsKey(id)) {
            refuse("mvcc: duplicate watch ID provided on the WatchStream");
            return;
        }
        ByteString key = request.getKey().isEmpty() ? ZERO : request.getKey();
        KeyRange range = KeyRange.of(key, request.getRangeEnd());
        if (range.isEmpty()) {
            refuse("mvcc: watcher range is empty");
            return;
        }
        if (request.getStartRevision() < 0) {
            refuseCompacted();
            return;
        }
        while (id == 0 && watches.containsKey(nextId)) {
            nextId++;
        }
        long chosen = id != 0 ? id : nextId++;
        EventFilter filter = new EventFilter(
                !request.getFiltersList().contains(WatchCreateRequest.FilterType.NOPUT),
                !request.getFiltersList().contains(WatchCreateRequest.FilterType.NODELETE),
                request.getPrevKv());
        Watcher watcher = opened.add(chosen, range, filter, request.getStartRevision());
        if (watcher == null) {
            refuse("quorate: there are as many watchers on this member as there may be; use another member");
            return;
        }
        watches.put(chosen, new Watch(watcher, request));
        send(response(chosen, service.store.state().revision()).setCreated(true));
        opened.begin(watcher);
    }

    private void refuse(String reason) {
        send(response(NO_WATCH, service.store.state().revision())
                .setCreated(true)
                .setCanceled(true)
                .setCancelReason(reason));
    }

    /** No revision before the first is there, so that none of them is future either (etcd 3.4.38, 3.5.24, 3.6.6). */
    private void refuseCompacted() {
        send(response(NO_WATCH, service.store.state().revision())
                .setCreated(true)
                .setCanceled(true)
                .setCompactRevision(Math.max(1, service.store.state().compacted()))
                .setCancelReason(KvError.COMPACTED.text()));
    }

    private void cancel(WatchGroup opened, long id) {
        Watch watch = watches.remove(id);
        if (watch == null) {
            return; // as etcd: nobody is told about what is not there
        }
        opened.cancel(watch.watcher);
        send(response(id, service.store.state().revision()).setCanceled(true));
    }

    /** The range as the client sent it: an open end must not come from one key (GHSA-xg4h-6gfc-h4m8). */
    private @Nullable KvError denial(WatchCreateRequest request) {
        AuthState state = service.access.state();
        // A stream lives longer than what was known of its caller when it began; who he is has not changed.
        Caller now = new Caller(caller.user(), state.revision());
        ByteString key = request.getKey().isEmpty() ? ZERO : request.getKey();
        try {
            state.requireRead(now, key, request.getRangeEnd());
            return null;
        } catch (KvException e) {
            return e.error();
        }
    }

    private static String codeName(KvError error) {
        StringBuilder name = new StringBuilder();
        for (String word : error.code().name().split("_", -1)) {
            name.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
        }
        return name.toString();
    }

    @Override
    public boolean isReady() {
        return call.isReady();
    }

    @Override
    public void changes(Watcher watcher, List<KeyChange> changes, long revision) {
        Watch watch = watches.get(watcher.id());
        if (isClosed || watch == null || isNoMorePermitted(watch)) {
            return;
        }
        watch.hasSpoken = true;
        boolean withPrevious = watch.request.getPrevKv();
        if (!watch.request.getFragment()) {
            call.sendMessage(service.encoder.events(watcher.id(), changes, revision, false, withPrevious));
            return;
        }
        List<KeyChange> part = new ArrayList<>();
        int bytes = WatchEncoder.OVERHEAD_BYTES;
        for (KeyChange change : changes) {
            int size = WatchEncoder.eventBytes(change, withPrevious);
            if (!part.isEmpty() && bytes + size > RequestChecks.MAX_REQUEST_BYTES) {
                call.sendMessage(service.encoder.events(watcher.id(), part, revision, true, withPrevious));
                part.clear();
                bytes = WatchEncoder.OVERHEAD_BYTES;
            }
            part.add(change);
            bytes += size;
        }
        call.sendMessage(service.encoder.events(watcher.id(), part, revision, false, withPrevious));
    }

    /** A permission that was taken away ends the watches that live on it, before they show anything more. */
    private boolean isNoMorePermitted(Watch watch) {
        long revision = service.access.state().revision();
        if (revision != authRevision) {
            authRevision = revision;
            for (Watch each : List.copyOf(watches.values())) {
                KvError denial = denial(each.request);
                WatchGroup opened = group;
                if (denial != null && opened != null) {
                    watches.remove(each.watcher.id());
                    opened.cancel(each.watcher);
                    send(response(each.watcher.id(), service.store.state().revision())
                            .setCanceled(true)
                            .setCancelReason("rpc error: code = " + codeName(denial) + " desc = " + denial.text()));
                }
            }
        }
        return !watches.containsKey(watch.watcher.id());
    }

    @Override
    public void compacted(Watcher watcher, long compactRevision) {
        watches.remove(watcher.id());
        send(response(watcher.id(), service.store.state().revision())
                .setCanceled(true)
                .setCompactRevision(compactRevision));
    }

    @Override
    public void progress(long revision) {
        send(response(NO_WATCH, revision));
    }

    /** Tells the watchers that wish it, and had nothing to hear since the last time, how far they are. */
    void notifyProgress() {
        WatchGroup opened = group;
        if (isClosed || opened == null || !call.isReady()) {
            return;
        }
        for (Watch watch : watches.values()) {
            if (watch.request.getProgressNotify() && !watch.hasSpoken && watch.watcher.isUpToDate()) {
                send(response(watch.watcher.id(), opened.dispatched()));
            }
            watch.hasSpoken = false;
        }
    }

    void endWithoutLeader() {
        if (needsLeader) {
            close(Errors.status(KvError.NO_LEADER));
        }
    }

    @Override
    public void ended(@Nullable Throwable failure) {
        close(Errors.status(KvError.STOPPED));
    }

    private WatchResponse.Builder response(long watchId, long revision) {
        return WatchResponse.newBuilder()
                .setHeader(service.headers.message(revision))
                .setWatchId(watchId);
    }

    private void send(WatchResponse.Builder response) {
        if (!isClosed) {
            call.sendMessage(response.build().toByteArray());
        }
    }

    private void close(Status status) {
        if (!isClosed) {
            forget();
            call.close(status, status.isOk() ? new Metadata() : Errors.trailers(true));
        }
    }

    private void forget() {
        isClosed = true;
        watches.clear();
        service.closed(this);
        WatchGroup opened = group;
        if (opened != null) {
            opened.close();
        }
    }

    @Override
    public String toString() {
        return "the watch stream of " + call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    }
}
