package dev.quorate.kv.rpc;

import dev.quorate.kv.api.AlarmMember;
import dev.quorate.kv.api.AlarmRequest;
import dev.quorate.kv.api.AlarmResponse;
import dev.quorate.kv.api.DefragmentRequest;
import dev.quorate.kv.api.DefragmentResponse;
import dev.quorate.kv.api.DowngradeInfo;
import dev.quorate.kv.api.DowngradeRequest;
import dev.quorate.kv.api.HashKVRequest;
import dev.quorate.kv.api.HashKVResponse;
import dev.quorate.kv.api.HashRequest;
import dev.quorate.kv.api.HashResponse;
import dev.quorate.kv.api.MaintenanceGrpc;
import dev.quorate.kv.api.MoveLeaderRequest;
import dev.quorate.kv.api.MoveLeaderResponse;
import dev.quorate.kv.api.StatusRequest;
import dev.quorate.kv.api.StatusResponse;
import dev.quorate.kv.backup.Backups;
import dev.quorate.kv.command.Alarms;
import dev.quorate.kv.command.Command;
import dev.quorate.kv.command.CommandResult;
import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.KvException;
import dev.quorate.kv.mvcc.KvHash;
import dev.quorate.kv.mvcc.MvccStore;
import dev.quorate.raft.RaftRole;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.runtime.Installation;
import io.grpc.ServerServiceDefinition;
import java.util.List;

/** {@code etcdserverpb.Maintenance}. */
final class MaintenanceService {

    /** Which etcd this server behaves like. Clients choose what they use by it. */
    static final String PROTOCOL_VERSION = "3.6.5";

    /** The same, of what is on disk. */
    static final String STORAGE_VERSION = "3.6.0";

    private final Replicator replicator;
    private final MvccStore store;
    private final Access access;
    private final ReadBatcher reads;
    private final Headers headers;
    private final Identity identity;
    private final SpaceGuard space;
    private final Backups backups;

    MaintenanceService(
            Replicator replicator,
            MvccStore store,
            Access access,
            ReadBatcher reads,
            Headers headers,
            Identity identity,
            SpaceGuard space,
            Backups backups) {
        this.replicator = replicator;
        this.store = store;
        this.access = access;
        this.reads = reads;
        this.headers = headers;
        this.identity = identity;
        this.space = space;
        this.backups = backups;
    }

    ServerServiceDefinition definition() {
        return new ServiceBuilder(MaintenanceGrpc.SERVICE_NAME, replicator)
                .method(MaintenanceGrpc.getStatusMethod(), this::status)
                .method(MaintenanceGrpc.getMoveLeaderMethod(), this::moveLeader)
                .method(MaintenanceGrpc.getAlarmMethod(), this::alarm)
                .method(MaintenanceGrpc.getHashKVMethod(), this::hashKv)
                .method(MaintenanceGrpc.getHashMethod(), this::hash)
                .method(MaintenanceGrpc.getDefragmentMethod(), this::defragment)
                .method(MaintenanceGrpc.getDowngradeMethod(), this::downgrade)
                .freeStream(MaintenanceGrpc.getSnapshotMethod(), new SnapshotHandler(replicator, backups, reads))
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

    @SuppressWarnings("FutureReturnValueIgnored") // the answer tells the caller
    private void alarm(byte[] command, Answer<byte[]> answer) throws KvException {
        AlarmRequest request = Marshallers.request(AlarmRequest.parser(), command);
        if (request.getAction() == AlarmRequest.AlarmAction.GET) {
            reads.linearizable(new StoreRead(false, () -> alarms(request), answer));
            return;
        }
        access.state().requireRoot(answer.caller());
        Command.writeHeader(command, Command.Kind.ALARM, identity.memberId());
        replicator.propose(access.signed(answer.caller(), command)).whenComplete((result, failure) -> {
            if (failure == null && result instanceof CommandResult.Alarmed alarmed) {
                answer.succeed(alarms(alarmed.revision(), alarmed.alarms()));
            } else if (failure == null && result instanceof CommandResult.Refused refused) {
                answer.refuse(refused.error());
            } else {
                answer.failWrite(failure == null ? new IllegalStateException("not an alarm: " + result) : failure);
            }
        });
    }

    /** etcd answers those of one kind, whoever raised them. */
    private byte[] alarms(AlarmRequest request) {
        AlarmRequest ofAll = request.toBuilder().clearMemberID().build();
        return alarms(
                store.state().revision(),
                space.alarms().raised().stream()
                        .filter(alarm -> Alarms.isMeant(ofAll, alarm))
                        .toList());
    }

    private byte[] alarms(long revision, List<AlarmMember> alarms) {
        return AlarmResponse.newBuilder()
                .setHeader(headers.message(revision))
                .addAllAlarms(alarms)
                .build()
                .toByteArray();
    }

    /** Of this member, as it is: whoever compares members asks each of them at the same revision. */
    private void hashKv(byte[] bytes, Answer<byte[]> answer) throws KvException {
        HashKVRequest request = Marshallers.request(HashKVRequest.parser(), bytes);
        reads.serializable(new StoreRead(
                true,
                () -> {
                    KvHash hash = store.hash(request.getRevision());
                    return HashKVResponse.newBuilder()
                            .setHeader(headers.message(hash.revision()))
                            .setHash(hash.hash())
                            .setCompactRevision(hash.compacted())
                            .setHashRevision(hash.hashed())
                            .build()
                            .toByteArray();
                },
                answer));
    }

    /** Of everything that is replicated, beside the keys too; for tests, as in etcd. */
    private void hash(byte[] bytes, Answer<byte[]> answer) throws KvException {
        Marshallers.request(HashRequest.parser(), bytes);
        reads.serializable(new StoreRead(
                true,
                () -> HashResponse.newBuilder()
                        .setHeader(headers.message(store.state().revision()))
                        .setHash(store.digest().hashCode())
                        .build()
                        .toByteArray(),
                answer));
    }

    private void defragment(byte[] bytes, Answer<byte[]> answer) throws KvException {
        Marshallers.request(DefragmentRequest.parser(), bytes);
        reads.serializable(new StoreRead(
                true,
                () -> {
                    store.defragment();
                    return DefragmentResponse.getDefaultInstance().toByteArray();
                },
                answer));
    }

    /** There is one storage version, so there is nothing to go back to; and none of it is ever under way. */
    private void downgrade(byte[] bytes, Answer<byte[]> answer) throws KvException {
        DowngradeRequest request = Marshallers.request(DowngradeRequest.parser(), bytes);
        if (request.getAction() == DowngradeRequest.DowngradeAction.CANCEL) {
            throw new KvException(KvError.NO_DOWNGRADE);
        }
        boolean isVersion = request.getVersion().matches("\\d+\\.\\d+(\\.\\d+)?");
        throw new KvException(isVersion ? KvError.DOWNGRADE_TARGET : KvError.DOWNGRADE_FORMAT);
    }

    private byte[] status() {
        RaftStatus raft = replicator.status();
        StatusResponse.Builder response = StatusResponse.newBuilder()
                .setHeader(headers.message(store.state().revision()))
                .setVersion(PROTOCOL_VERSION)
                .setStorageVersion(STORAGE_VERSION)
                .setDbSize(store.sizeBytes())
                .setDbSizeInUse(store.liveBytes())
                .setDbSizeQuota(space.quotaBytes() == Long.MAX_VALUE ? 0 : space.quotaBytes())
                .setDowngradeInfo(DowngradeInfo.getDefaultInstance())
                .setRaftIndex(raft.commitIndex())
                .setRaftTerm(raft.term())
                .setRaftAppliedIndex(raft.appliedIndex())
                .setIsLearner(raft.membership().isLearner(identity.name()));
        space.alarms().raised().forEach(alarm -> response.addErrors(text(alarm)));
        NodeId leader = raft.leader();
        if (leader == null) {
            response.addErrors(KvError.NO_LEADER.text());
        } else {
            response.setLeader(identity.memberId(leader));
        }
        if (raft.damaged()) {
            response.addErrors("quorate: the log was damaged, and what it lost is being fetched from the other members;"
                    + " until all of it is here this member neither votes nor leads");
        }
        Installation installation = replicator.installation();
        if (installation != null) {
            response.addErrors("quorate: fetching the snapshot at index "
                    + installation.snapshot().index() + " from " + installation.source() + ", "
                    + installation.percent() + " % are here");
        }
        return response.build().toByteArray();
    }

    /** As etcd writes it. */
    private static String text(AlarmMember alarm) {
        return "memberID:" + Long.toUnsignedString(alarm.getMemberID()) + " alarm:" + alarm.getAlarm();
    }
}
