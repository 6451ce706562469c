package dev.quorate.kv.rpc;

import com.google.protobuf.CodedOutputStream;
import dev.quorate.kv.api.ResponseHeader;
import java.io.IOException;

/** Makes the headers of responses, as messages and as bytes. */
final class Headers {

    private static final int CLUSTER_ID_TAG = 1 << 3;
    private static final int MEMBER_ID_TAG = 2 << 3;
    private static final int REVISION_TAG = 3 << 3;
    private static final int TERM_TAG = 4 << 3;

    private final long clusterId;
    private final long memberId;
    private final Replicator replicator;

    Headers(Identity identity, Replicator replicator) {
        this.clusterId = identity.clusterId();
        this.memberId = identity.memberId();
        this.replicator = replicator;
    }

    /** @param revision 0 for responses that have nothing to do with keys */
    ResponseHeader message(long revision) {
        return ResponseHeader.newBuilder()
                .setClusterId(clusterId)
                .setMemberId(memberId)
                .setRevision(revision)
                .setRaftTerm(term())
                .build();
    }

    long term() {
        return replicator.status().term();
    }

    int size(long revision, long term) {
        return 4
                + CodedOutputStream.computeUInt64SizeNoTag(clusterId)
                + CodedOutputStream.computeUInt64SizeNoTag(memberId)
                + CodedOutputStream.computeUInt64SizeNoTag(revision)
                + CodedOutputStream.computeUInt64SizeNoTag(term);
    }

    /** Writes the fields; the reader takes a field that is 0 as one that is not there. */
    void write(CodedOutputStream out, long revision, long term) throws IOException {
        out.writeUInt32NoTag(CLUSTER_ID_TAG);
        out.writeUInt64NoTag(clusterId);
        out.writeUInt32NoTag(MEMBER_ID_TAG);
        out.writeUInt64NoTag(memberId);
        out.writeUInt32NoTag(REVISION_TAG);
        out.writeUInt64NoTag(revision);
        out.writeUInt32NoTag(TERM_TAG);
        out.writeUInt64NoTag(term);
    }
}
