package dev.quorate.kv.rpc;

import dev.quorate.kv.api.ClusterGrpc;
import dev.quorate.kv.api.Member;
import dev.quorate.kv.api.MemberListRequest;
import dev.quorate.kv.api.MemberListResponse;
import dev.quorate.kv.command.Members;
import dev.quorate.kv.mvcc.KvException;
import dev.quorate.kv.mvcc.MvccStore;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.NodeId;
import io.grpc.ServerServiceDefinition;
import java.util.Map;

/** {@code etcdserverpb.Cluster}, as far as there is something to tell. */
final class ClusterService {

    private static final long NO_REVISION = 0; // these responses have nothing to do with keys

    private final Replicator replicator;
    private final MvccStore store;
    private final ReadBatcher reads;
    private final Headers headers;
    private final Identity identity;

    ClusterService(Replicator replicator, MvccStore store, ReadBatcher reads, Headers headers, Identity identity) {
        this.replicator = replicator;
        this.store = store;
        this.reads = reads;
        this.headers = headers;
        this.identity = identity;
    }

    ServerServiceDefinition definition() {
        return new ServiceBuilder(ClusterGrpc.SERVICE_NAME, replicator)
                .method(ClusterGrpc.getMemberListMethod(), this::memberList)
                .build();
    }

    private void memberList(byte[] bytes, Answer<byte[]> answer) throws KvException {
        MemberListRequest request = Marshallers.request(MemberListRequest.parser(), bytes);
        StoreRead read = new StoreRead(true, this::members, answer);
        if (request.getLinearizable()) {
            reads.linearizable(read);
        } else {
            reads.serializable(read);
        }
    }

    /** A member that has not published itself yet has no name and no client address, as in etcd. */
    private byte[] members() {
        Membership membership = replicator.status().membership();
        Map<String, Member> published = Members.published(store);
        MemberListResponse.Builder response = MemberListResponse.newBuilder().setHeader(headers.message(NO_REVISION));
        for (NodeId member : membership.all()) {
            Member known = published.getOrDefault(member.value(), Member.getDefaultInstance());
            Member.Builder answer = known.toBuilder()
                    .setID(identity.memberId(member))
                    .clearPeerURLs()
                    .setIsLearner(membership.isLearner(member));
            String address = membership.addresses().get(member);
            if (address != null) {
                answer.addPeerURLs("http://" + address);
            }
            response.addMembers(answer);
        }
        return response.build().toByteArray();
    }
}
