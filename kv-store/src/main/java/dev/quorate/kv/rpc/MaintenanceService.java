package dev.quorate.kv.rpc;

import dev.quorate.kv.api.MaintenanceGrpc;
import dev.quorate.kv.api.MoveLeaderRequest;
import dev.quorate.kv.api.MoveLeaderResponse;
import dev.quorate.kv.api.StatusRequest;
import dev.quorate.kv.api.StatusResponse;
import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.KvException;
import dev.quorate.kv.mvcc.MvccStore;
import dev.quorate.raft.RaftRole;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.runtime.Installation;
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
                .method(MaintenanceGrpc.getMoveLeaderMethod(), this::moveLeader)
                .build();
    }

    /** Tells what this member knows, whether it has a leader or not. */
    private void status(byte[] bytes, Answer<byte[]> answer) throws KvException {
        Marshallers.request(StatusRequest.parser(), bytes);
        reads.serializable(new StoreRead(true, this::status, answer)); // the sizes come from the disk
    }

    /** Only the leader does it, as in etcd; the answer is empty. */
    @SuppressWarnings("FutureReturnValueIgnored") // the answer tells the caller
    private void moveLeader(byte[] bytes, Answer<byte[]> answer) throws KvException {
        MoveLeaderRequest request = Marshallers.request(MoveLeaderRequest.parser(), bytes);
        RaftStatus now = replicator.status();
        if (now.role() != RaftRole.LEADER) {
            throw new KvException(KvError.NOT_LEADER);
        }
        NodeId target = now.membership().all().stream()
                .filter(member -> identity.memberId(member) == request.getTargetID())
                .findFirst()
                .orElseThrow(() -> new KvException(KvError.BAD_TRANSFEREE));
        replicator.transferLeadership(target).whenComplete((done, failure) -> {
            if (failure == null) {
                answer.succeed(MoveLeaderResponse.getDefaultInstance().toByteArray());
            } else {
                answer.failWrite(failure);
            }
        });
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
        Installation installation = replicator.installation();
        if (installation != null) {
            response.addErrors("quorate: fetching the snapshot at index "
                    + installation.snapshot().index() + " from " + installation.source() + ", "
                    + installation.percent() + " % are here");
        }
        return response.build().toByteArray();
    }
}
