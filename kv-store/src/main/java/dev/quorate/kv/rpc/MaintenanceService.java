package dev.quorate.kv.rpc;

import dev.quorate.kv.api.MaintenanceGrpc;
import dev.quorate.kv.api.StatusRequest;
import dev.quorate.kv.api.StatusResponse;
import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.KvException;
import dev.quorate.kv.mvcc.MvccStore;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.model.NodeId;
import io.grpc.ServerServiceDefinition;

/** {@code etcdserverpb.Maintenance}, as far as there is something to tell. */
final class MaintenanceService {

    /** Which etcd this server behaves like. Clients choose what they use by it. */
    private static final String PROTOCOL_VERSION = "3.6.5";

    private static final String STORAGE_VERSION = "3.6.0";

    private final Replicator replicator;
    private final MvccStore store;
    private final ReadBatcher reads;
    private final Headers headers;
    private final Identity identity;

    MaintenanceService(Replicator replicator, MvccStore store, ReadBatcher reads, Headers headers, Identity identity) {
        this.replicator = replicator;
        this.store = store;
        this.reads = reads;
        this.headers = headers;
        this.identity = identity;
    }

    ServerServiceDefinition definition() {
        return new ServiceBuilder(MaintenanceGrpc.SERVICE_NAME, replicator)
                .method(MaintenanceGrpc.getStatusMethod(), this::status)
                .build();
    }

    /** Tells what this member knows, whether it has a leader or not. */
    private void status(byte[] bytes, Answer<byte[]> answer) throws KvException {
        Marshallers.request(StatusRequest.parser(), bytes);
        reads.serializable(new StoreRead(true, this::status, answer)); // the sizes come from the disk
    }

    private byte[] status() {
        RaftStatus raft = replicator.status();
        StatusResponse.Builder response = StatusResponse.newBuilder()
                .setHeader(headers.message(store.state().revision()))
                .setVersion(PROTOCOL_VERSION)
                .setStorageVersion(STORAGE_VERSION)
                .setDbSize(store.sizeBytes())
                .setDbSizeInUse(store.liveBytes())
                .setRaftIndex(raft.commitIndex())
                .setRaftTerm(raft.term())
                .setRaftAppliedIndex(raft.appliedIndex())
                .setIsLearner(raft.membership().isLearner(identity.name()));
        NodeId leader = raft.leader();
        if (leader == null) {
            response.addErrors(KvError.NO_LEADER.text());
        } else {
            response.setLeader(identity.memberId(leader));
        }
        return response.build().toByteArray();
    }
}
