package dev.quorate.kv.server;

import dev.quorate.kv.api.ClusterGrpc;
import dev.quorate.kv.api.Member;
import dev.quorate.kv.api.MemberListRequest;
import dev.quorate.kv.api.MemberListResponse;
import dev.quorate.kv.rpc.Identity;
import dev.quorate.kv.server.KvServerException.Reason;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.transport.netty.tls.TlsOptions;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.util.concurrent.TimeUnit;

/** Finds out which cluster a new server was added to, and as whom: from the members that run. */
final class Joining {

    private static final long TIMEOUT_SECONDS = 5;

    private Joining() {}

    /**
     * @throws KvServerException if no member answers, or none of them knows a member at this server's peer address
     */
    static Identity ask(KvServerConfig config) throws KvServerException {
        StringBuilder failures = new StringBuilder();
        for (String address : config.join()) {
            ManagedChannel channel = channel(config, address);
            try {
                return identity(config, members(channel));
            } catch (StatusRuntimeException e) {
                failures.append(failures.length() == 0 ? "" : "; ")
                        .append(address)
                        .append(": ")
                        .append(e.getStatus());
            } finally {
                channel.shutdownNow();
            }
        }
        throw new KvServerException(
                Reason.ADDRESS_UNUSABLE,
                "no member answers at the addresses to join at (" + failures
                        + "); name client addresses of members that run");
    }

    /** A cluster has TLS for clients at all members or at none. */
    private static ManagedChannel channel(KvServerConfig config, String address) throws KvServerException {
        TlsOptions tls = config.clientTls();
        NettyChannelBuilder channel = NettyChannelBuilder.forTarget(address);
        if (tls == null) {
            return channel.usePlaintext().build();
        }
        return channel.sslContext(TlsFiles.toDialMembers(tls)).build();
    }

    private static MemberListResponse members(ManagedChannel channel) {
        return ClientCalls.blockingUnaryCall(
                channel,
                ClusterGrpc.getMemberListMethod(),
                CallOptions.DEFAULT.withDeadlineAfter(TIMEOUT_SECONDS, TimeUnit.SECONDS),
                MemberListRequest.newBuilder().setLinearizable(true).build());
    }

    private static Identity identity(KvServerConfig config, MemberListResponse cluster) throws KvServerException {
        NodeId name = Identity.added(config.peerAddress());
        Identity identity = new Identity(cluster.getHeader().getClusterId(), name);
        for (Member member : cluster.getMembersList()) {
            if (member.getID() == identity.memberId()) {
                return identity;
            }
        }
        throw new KvServerException(
                Reason.IDENTITY_MISMATCH,
                "the cluster has added no member at the peer address " + config.peerAddress()
                        + "; add it first: 'kv member add " + config.peerAddress() + "'");
    }
}
