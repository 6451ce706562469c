package dev.quorate.kv.rpc;

import dev.quorate.kv.api.AlarmMember;
import dev.quorate.kv.api.AlarmRequest;
import dev.quorate.kv.api.AlarmResponse;
import dev.quorate.kv.api.DowngradeInfo;
import dev.quorate.kv.api.MaintenanceGrpc;
import dev.quorate.kv.api.MoveLeaderRequest;
import dev.quorate.kv.api.MoveLeaderResponse;
import dev.quorate.kv.api.StatusRequest;
import dev.quorate.kv.api.StatusResponse;
import dev.quorate.kv.command.Alarms;
import dev.quorate.kv.command.Command;
import dev.quorate.kv.command.CommandResult;
import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.KvException;
import dev.quorate.kv.mvcc.MvccStore;
import dev.quorate.raft.RaftRole;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.runtime.Installation;
import io.grpc.ServerServiceDefinition;
import java.util.List;

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
    private final SpaceGuard space;

    MaintenanceService(
            Replicator replicator,
            MvccStore store,
            ReadBatcher reads,
            Headers headers,
            Identity identity,
            SpaceGuard space) {
        this.replicator = replicator;
        this.store = store;
        this.reads = reads;
        this.headers = headers;
        this.identity = identity;
        this.space = space;
    }

    ServerServiceDefinition definition() {
        return new ServiceBuilder(MaintenanceGrpc.SERVICE_NAME, replicator)
                .method(MaintenanceGrpc.getStatusMethod(), this::status)
                .method(MaintenanceGrpc.getMoveLeaderMethod(), this::moveLeader)
                .method(MaintenanceGrpc.getAlarmMethod(), this::alarm)
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
        Command.writeHeader(command, Command.Kind.ALARM, identity.memberId());
        replicator.propose(command).whenComplete((result, failure) -> {
            if (failure == null && result instanceof CommandResult.Alarmed alarmed) {
                answer.succeed(alarms(alarmed.revision(), alarmed.alarms()));
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
