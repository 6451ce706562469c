package dev.quorate.kv.rpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.quorate.kv.api.LeaseGrantRequest;
import dev.quorate.kv.api.LeaseGrantResponse;
import dev.quorate.kv.api.LeaseGrpc;
import dev.quorate.kv.api.LeaseKeepAliveRequest;
import dev.quorate.kv.api.LeaseKeepAliveResponse;
import dev.quorate.kv.api.LeaseLeasesRequest;
import dev.quorate.kv.api.LeaseLeasesResponse;
import dev.quorate.kv.api.LeaseRevokeRequest;
import dev.quorate.kv.api.LeaseRevokeResponse;
import dev.quorate.kv.api.LeaseStatus;
import dev.quorate.kv.api.LeaseTimeToLiveRequest;
import dev.quorate.kv.api.LeaseTimeToLiveResponse;
import dev.quorate.kv.auth.Caller;
import dev.quorate.kv.command.Command;
import dev.quorate.kv.command.CommandResult;
import dev.quorate.kv.lease.Lessor;
import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.KvException;
import dev.quorate.kv.mvcc.Lease;
import dev.quorate.kv.mvcc.MvccStore;
import io.grpc.ServerServiceDefinition;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;

/** {@code etcdserverpb.Lease}. Grants, renewals and revocations go through the log, from any member. */
final class LeaseService {

    /** etcd's limit. */
    private static final long MAX_TTL_SECONDS = 9_000_000_000L;

    private static final long NO_LEASE_TTL = -1;

    private final Replicator replicator;
    private final MvccStore store;
    private final Access access;
    private final ReadBatcher reads;
    private final Headers headers;
    private final Lessor lessor;
    private final SpaceGuard space;
    private final long memberId;

    LeaseService(
            Replicator replicator,
            MvccStore store,
            Access access,
            ReadBatcher reads,
            Headers headers,
            Lessor lessor,
            SpaceGuard space,
            long memberId) {
        this.replicator = replicator;
        this.store = store;
        this.access = access;
        this.reads = reads;
        this.headers = headers;
        this.lessor = lessor;
        this.space = space;
        this.memberId = memberId;
    }

    ServerServiceDefinition definition() {
        return new ServiceBuilder(LeaseGrpc.SERVICE_NAME, replicator)
                        .method(LeaseGrpc.getLeaseGrantMethod(), this::grant)
                        .method(LeaseGrpc.getLeaseRevokeMethod(), this::revoke)
                        .method(LeaseGrpc.getLeaseTimeToLiveMethod(), this::timeToLive)
                        .method(LeaseGrpc.getLeaseLeasesMethod(), this::leases)
                        .stream(LeaseGrpc.getLeaseKeepAliveMethod(), this::keepAlive)
                        .build();
    }

    /** The id is chosen here, before the command is proposed: members that carry it out must not draw lots. */
    private void grant(byte[] bytes, Answer<byte[]> answer) throws KvException {
        LeaseGrantRequest request = Marshallers.request(LeaseGrantRequest.parser(), bytes);
        space.admit(bytes.length);
        if (request.getTTL() > MAX_TTL_SECONDS) {
            throw new KvException(KvError.LEASE_TTL_TOO_LARGE);
        }
        LeaseGrantRequest grant = request.toBuilder()
                .setID(request.getID() != 0 ? request.getID() : freeId())
                .setTTL(Math.max(request.getTTL(), lessor.minTtlSeconds()))
                .build();
        byte[] command = Command.of(Command.Kind.LEASE_GRANT, memberId, grant.toByteArray());
        propose(command, answer, result -> {
            CommandResult.Leased granted = (CommandResult.Leased) result;
            return LeaseGrantResponse.newBuilder()
                    .setHeader(headers.message(granted.revision()))
                    .setID(granted.lease().id())
                    .setTTL(granted.lease().ttlSeconds())
                    .build()
                    .toByteArray();
        });
    }

    private long freeId() {
        long id;
        do {
            id = ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE);
        } while (store.lease(id) != null);
        return id;
    }

    private void revoke(byte[] command, Answer<byte[]> answer) throws KvException {
        Marshallers.request(LeaseRevokeRequest.parser(), command);
        Command.writeHeader(command, Command.Kind.LEASE_REVOKE, memberId);
        propose(
                command,
                answer,
                result -> LeaseRevokeResponse.newBuilder()
                        .setHeader(headers.message(((CommandResult.Done) result).revision()))
                        .build()
                        .toByteArray());
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the answer says how it ended
    private void propose(byte[] command, Answer<byte[]> answer, Function<CommandResult, byte[]> response) {
        replicator.propose(access.signed(answer.caller(), command)).whenComplete((result, failure) -> {
            if (failure != null) {
                answer.failWrite(failure);
            } else if (result instanceof CommandResult.Refused refused) {
                answer.refuse(refused.error());
            } else {
                answer.succeed(response.apply(result));
            }
        });
    }

    /** A renewal is a write: it is answered when it is committed, and nobody who has lost the leadership can give it. */
    private CompletableFuture<byte[]> keepAlive(Caller caller, byte[] command) throws KvException {
        long id = Marshallers.request(LeaseKeepAliveRequest.parser(), command).getID();
        Command.writeHeader(command, Command.Kind.LEASE_RENEW, memberId);
        return replicator.propose(access.signed(caller, command)).thenApply(result -> {
            if (result instanceof CommandResult.Refused refused && refused.error() != KvError.LEASE_NOT_FOUND) {
                throw new CompletionException(new KvException(refused.error()));
            }
            LeaseKeepAliveResponse.Builder response =
                    LeaseKeepAliveResponse.newBuilder().setID(id);
            if (result instanceof CommandResult.Leased renewed) {
                response.setHeader(headers.message(renewed.revision()))
                        .setTTL(renewed.lease().ttlSeconds());
            } else { // there is no such lease: a TTL of 0 says so, and the stream goes on
                response.setHeader(headers.message(store.state().revision()));
            }
            return response.build().toByteArray();
        });
    }

    private void timeToLive(byte[] bytes, Answer<byte[]> answer) throws KvException {
        LeaseTimeToLiveRequest request = Marshallers.request(LeaseTimeToLiveRequest.parser(), bytes);
        reads.linearizable(new StoreRead(true, () -> timeToLive(answer.caller(), request), answer));
    }

    private byte[] timeToLive(Caller caller, LeaseTimeToLiveRequest request) throws KvException {
        LeaseTimeToLiveResponse.Builder response = LeaseTimeToLiveResponse.newBuilder()
                .setHeader(headers.message(store.state().revision()))
                .setID(request.getID());
        Lease lease = store.lease(request.getID());
        if (lease == null) {
            return response.setTTL(NO_LEASE_TTL).build().toByteArray();
        }
        response.setTTL(lessor.remainingSeconds(lease)).setGrantedTTL(lease.ttlSeconds());
        if (request.getKeys()) {
            for (byte[] bytes : store.keysOfLease(lease.id())) {
                ByteString key = UnsafeByteOperations.unsafeWrap(bytes);
                access.state().requireRead(caller, key, ByteString.EMPTY);
                response.addKeys(key);
            }
        }
        return response.build().toByteArray();
    }

    private void leases(byte[] bytes, Answer<byte[]> answer) throws KvException {
        Marshallers.request(LeaseLeasesRequest.parser(), bytes);
        reads.linearizable(new StoreRead(true, this::leases, answer));
    }

    private byte[] leases() {
        LeaseLeasesResponse.Builder response = LeaseLeasesResponse.newBuilder()
                .setHeader(headers.message(store.state().revision()));
        store.allLeases()
                .forEach(lease -> response.addLeases(LeaseStatus.newBuilder().setID(lease.id())));
        return response.build().toByteArray();
    }
}
