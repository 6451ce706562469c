package dev.quorate.kv.rpc;

import dev.quorate.kv.api.WatchGrpc;
import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.MvccStore;
import dev.quorate.kv.watch.WatchHub;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** etcd's Watch: any number of streams, any number of watchers on each. */
public final class WatchService implements ServerCallHandler<byte[], byte[]> {

    /** How many election timeouts a member may be without a leader before streams that ask for one end (as in etcd). */
    private static final int TIMEOUTS_WITHOUT_LEADER = 3;

    private static final int LOOKS_PER_TIMEOUT = 4;

    /**
     * How watches behave.
     *
     * @param progressInterval how often a watcher that asked for it, and has no events, is told how far it is
     * @param electionTimeout that of the group
     */
    public record Options(Duration progressInterval, Duration electionTimeout) {}

    final WatchHub hub;
    final MvccStore store;
    final Access access;
    final Headers headers;
    final WatchEncoder encoder;
    private final Replicator replicator;
    private final Options options;
    // The rest is used on the watch thread only.
    private final Set<WatchStream> streams = new LinkedHashSet<>();
    private long leaderSeenNanos = System.nanoTime();

    WatchService(
            WatchHub hub, Replicator replicator, MvccStore store, Access access, Headers headers, Options options) {
        this.hub = hub;
        this.replicator = replicator;
        this.store = store;
        this.access = access;
        this.headers = headers;
        this.encoder = new WatchEncoder(headers);
        this.options = options;
        hub.every(options.progressInterval(), () -> List.copyOf(streams).forEach(WatchStream::notifyProgress));
        hub.every(options.electionTimeout().dividedBy(LOOKS_PER_TIMEOUT), this::lookForLeader);
    }

    ServerServiceDefinition definition() {
        return new ServiceBuilder(WatchGrpc.SERVICE_NAME, replicator)
                .freeStream(WatchGrpc.getWatchMethod(), this)
                .build();
    }

    @Override
    public ServerCall.Listener<byte[]> startCall(ServerCall<byte[], byte[]> call, Metadata metadata) {
        boolean needsLeader = "true".equals(metadata.get(UnaryHandler.REQUIRES_LEADER));
        if (needsLeader && !hasLeader()) {
            new Answer<>(call, Access.caller()).refuse(KvError.NO_LEADER);
            return new ServerCall.Listener<>() {};
        }
        call.sendHeaders(new Metadata());
        WatchStream stream = new WatchStream(this, call, Access.caller(), needsLeader);
        if (!hub.execute(stream::open)) {
            call.close(Errors.status(KvError.STOPPED), Errors.trailers(true));
        }
        return stream;
    }

    private boolean hasLeader() {
        return replicator.status().leader() != null;
    }

    void opened(WatchStream stream) {
        streams.add(stream);
    }

    void closed(WatchStream stream) {
        streams.remove(stream);
    }

    /** Who asked for a leader would rather look elsewhere than wait for events that nobody can write. */
    private void lookForLeader() {
        long now = System.nanoTime();
        if (hasLeader()) {
            leaderSeenNanos = now;
        } else if (now - leaderSeenNanos
                > TIMEOUTS_WITHOUT_LEADER * options.electionTimeout().toNanos()) {
            List.copyOf(streams).forEach(WatchStream::endWithoutLeader);
        }
    }
}
