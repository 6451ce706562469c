package dev.quorate.kv.rpc;

import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.RangeRequest.SortOrder;
import dev.quorate.kv.api.RangeRequest.SortTarget;
import dev.quorate.kv.auth.Caller;
import dev.quorate.kv.command.RequestChecks;
import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.KvException;
import dev.quorate.kv.mvcc.MvccStore;
import dev.quorate.kv.mvcc.RangePage;
import dev.quorate.raft.ReadConsistency;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * A range of any size, in parts of about a megabyte, all at the revision of the first one. A part is read when the one before has
 * left: a caller who reads slowly holds nothing but that one, and not the store's history either, so a compaction may end his
 * stream.
 */
final class RangeStreamHandler implements ServerCallHandler<byte[], byte[]> {

    private static final int PART_BYTES = 1 << 20;

    private final Replicator replicator;
    private final MvccStore store;
    private final ReadBatcher reads;
    private final Access access;
    private final SpaceGuard space;
    private final Responses responses;

    RangeStreamHandler(
            Replicator replicator,
            MvccStore store,
            ReadBatcher reads,
            Access access,
            SpaceGuard space,
            Responses responses) {
        this.replicator = replicator;
        this.store = store;
        this.reads = reads;
        this.access = access;
        this.space = space;
        this.responses = responses;
    }

    @Override
    public ServerCall.Listener<byte[]> startCall(ServerCall<byte[], byte[]> call, Metadata headers) {
        Stream stream = new Stream(call, Access.caller());
        if ("true".equals(headers.get(UnaryHandler.REQUIRES_LEADER))
                && replicator.status().leader() == null) {
            stream.refuse(Errors.status(KvError.NO_LEADER));
            return stream;
        }
        try {
            stream.consistency = ConsistencyHeader.of(headers);
        } catch (IllegalArgumentException e) {
            stream.refuse(Status.INVALID_ARGUMENT.withDescription(e.getMessage()));
            return stream;
        }
        call.request(2); // one, and one more to notice a client that sends two
        return stream;
    }

    /** Parts are read one after the other on the reader threads; the rest happens on the event loop. */
    private final class Stream extends ServerCall.Listener<byte[]> implements ReadTask {
        private final ServerCall<byte[], byte[]> call;
        private final Caller caller;
        ReadConsistency consistency = ReadConsistency.LINEARIZABLE;
        private byte @Nullable [] bytes;
        // From here on: whoever reads a part, and nobody reads two at a time.
        private RangeRequest request = RangeRequest.getDefaultInstance();
        private byte[] from = new byte[0];
        private long left;
        private long count;
        private boolean more;
        private boolean isWaiting; // guarded by this: for the caller to take what was sent
        private boolean isOver; // guarded by this

        Stream(ServerCall<byte[], byte[]> call, Caller caller) {
            this.call = call;
            this.caller = caller;
        }

        @Override
        public void onMessage(byte[] message) {
            if (bytes != null) {
                refuse(Status.INTERNAL.withDescription("more than one request for a method that takes one"));
            }
            bytes = message;
        }

        @Override
        public void onHalfClose() {
            byte[] received = bytes;
            if (received == null) {
                refuse(Status.INTERNAL.withDescription("no request for a method that takes one"));
                return;
            }
            synchronized (this) {
                if (isOver) {
                    return;
                }
            }
            try {
                request = Marshallers.request(RangeRequest.parser(), received);
                begin();
            } catch (KvException e) {
                refuse(Errors.status(e.error()));
            }
        }

        private void begin() throws KvException {
            RequestChecks.range(request);
            if (!isPlain(request)) {
                refuse(Status.UNIMPLEMENTED.withDescription(
                        "quorate: a range is streamed in the order of its keys, without bounds of revisions; ask for it"
                                + " by Range"));
                return;
            }
            space.alarms().requireNotCorrupt();
            access.range(caller, request);
            from = request.getKey().toByteArray();
            left = request.getLimit() == 0 ? Long.MAX_VALUE : request.getLimit();
            call.sendHeaders(new Metadata());
            if (request.getSerializable()) {
                reads.serializable(this);
            } else {
                reads.add(consistency, this);
            }
        }

        @Override
        public boolean isLong() {
            return true;
        }

        @Override
        public void run() {
            synchronized (this) {
                if (isOver) {
                    return;
                }
            }
            try {
                RangePage page = store.page(request, from, left, PART_BYTES);
                access.range(caller, request); // once more: what was read may be newer than a permission's end
                send(page);
            } catch (KvException e) {
                refuse(Errors.status(e.error()));
            } catch (RuntimeException | OutOfMemoryError e) {
                fail(e);
            }
        }

        private void send(RangePage page) throws KvException {
            count += page.count();
            more |= page.more();
            left -= left == Long.MAX_VALUE ? 0 : page.pairs().size();
            byte[] next = page.next();
            if (next == null) {
                call.sendMessage(responses.lastPart(page.pairs(), count, more, page.newest()));
                synchronized (this) {
                    if (isOver) {
                        return;
                    }
                    isOver = true;
                }
                call.close(Status.OK, new Metadata());
                return;
            }
            if (!page.pairs().isEmpty()) {
                call.sendMessage(responses.part(page.pairs()));
            }
            request = request.toBuilder().setRevision(page.revision()).build();
            from = next;
            synchronized (this) {
                isWaiting = true;
            }
            goOn();
        }

        @Override
        public void onReady() {
            goOn();
        }

        private void goOn() {
            synchronized (this) {
                if (!isWaiting || isOver || !call.isReady()) {
                    return;
                }
                isWaiting = false;
            }
            try {
                reads.serializable(this);
            } catch (KvException e) {
                refuse(Errors.status(e.error()));
            }
        }

        @Override
        public void onCancel() {
            synchronized (this) {
                isOver = true;
            }
        }

        @Override
        public void fail(Throwable why) {
            refuse(Errors.status(why));
        }

        /** A read has changed nothing, however it ends. */
        void refuse(Status status) {
            synchronized (this) {
                if (isOver) {
                    return;
                }
                isOver = true;
            }
            call.close(status, Errors.trailers(true));
        }
    }

    private static boolean isPlain(RangeRequest request) {
        boolean inKeyOrder = request.getSortTarget() == SortTarget.KEY && request.getSortOrder() != SortOrder.DESCEND;
        return inKeyOrder
                && request.getMinModRevision() == 0
                && request.getMaxModRevision() == 0
                && request.getMinCreateRevision() == 0
                && request.getMaxCreateRevision() == 0;
    }
}
