package dev.quorate.kv.rpc;

import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.RangeRequest.SortOrder;
import dev.quorate.kv.api.RangeRequest.SortTarget;
import dev.quorate.kv.command.RequestChecks;
import dev.quorate.kv.mvcc.KvException;
import dev.quorate.kv.mvcc.MvccStore;
import dev.quorate.kv.mvcc.RangePage;
import dev.quorate.raft.ReadConsistency;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;

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
        return new Stream(call).start(headers, replicator.status().leader() != null, ReadConsistency.LINEARIZABLE);
    }

    private final class Stream extends StreamedCall {
        private ReadConsistency consistency = ReadConsistency.LINEARIZABLE;
        // From here on: whoever reads a part, and nobody reads two at a time.
        private RangeRequest request = RangeRequest.getDefaultInstance();
        private byte[] from = new byte[0];
        private long left;
        private long count;
        private boolean more;

        Stream(ServerCall<byte[], byte[]> call) {
            super(call, reads);
        }

        @Override
        void consistency(ReadConsistency wanted) {
            consistency = wanted;
        }

        @Override
        ReadConsistency begin(byte[] bytes) throws KvException {
            request = Marshallers.request(RangeRequest.parser(), bytes);
            RequestChecks.range(request);
            if (!isPlain(request)) {
                refuse(Status.UNIMPLEMENTED.withDescription(
                        "quorate: a range is streamed in the order of its keys, without bounds of revisions; ask for it"
                                + " by Range"));
                return consistency;
            }
            space.alarms().requireNotCorrupt();
            access.range(caller, request);
            from = request.getKey().toByteArray();
            left = request.getLimit() == 0 ? Long.MAX_VALUE : request.getLimit();
            return request.getSerializable() ? ReadConsistency.LOCAL : consistency;
        }

        @Override
        boolean sendNext() throws KvException {
            RangePage page = store.page(request, from, left, PART_BYTES);
            access.range(caller, request); // once more: what was read may be newer than a permission's end
            count += page.count();
            more |= page.more();
            left -= left == Long.MAX_VALUE ? 0 : page.pairs().size();
            byte[] next = page.next();
            if (next == null) {
                call.sendMessage(responses.lastPart(page.pairs(), count, more, page.newest()));
                return false;
            }
            if (!page.pairs().isEmpty()) {
                call.sendMessage(responses.part(page.pairs()));
            }
            request = request.toBuilder().setRevision(page.revision()).build();
            from = next;
            return true;
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
