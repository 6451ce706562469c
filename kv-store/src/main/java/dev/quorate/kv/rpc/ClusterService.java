package dev.quorate.kv.rpc;

import dev.quorate.kv.api.ClusterGrpc;
import dev.quorate.kv.api.Member;
import dev.quorate.kv.api.MemberAddRequest;
import dev.quorate.kv.api.MemberAddResponse;
import dev.quorate.kv.api.MemberListRequest;
import dev.quorate.kv.api.MemberListResponse;
import dev.quorate.kv.api.MemberPromoteRequest;
import dev.quorate.kv.api.MemberPromoteResponse;
import dev.quorate.kv.api.MemberRemoveRequest;
import dev.quorate.kv.api.MemberRemoveResponse;
import dev.quorate.kv.api.MemberUpdateRequest;
import dev.quorate.kv.api.MemberUpdateResponse;
import dev.quorate.kv.command.Members;
import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.KvException;
import dev.quorate.kv.mvcc.MvccStore;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.MembershipChange;
import dev.quorate.raft.model.NodeId;
import io.grpc.ServerServiceDefinition;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** {@code etcdserverpb.Cluster}. */
public final class ClusterService {

    /**
     * How members are listed and added.
     *
     * @param peerScheme with which the list of members begins peer addresses
     * @param maxLearners how many members may be learners until somebody promotes them
     */
    public record Options(String peerScheme, int maxLearners) {}

    private static final long NO_REVISION = 0; // these responses have nothing to do with keys

    private final Replicator replicator;
    private final MvccStore store;
    private final ReadBatcher reads;
    private final Headers headers;
    private final Identity identity;
    private final Options options;

    ClusterService(
            Replicator replicator,
            MvccStore store,
            ReadBatcher reads,
            Headers headers,
            Identity identity,
            Options options) {
        this.options = options;
        this.replicator = replicator;
        this.store = store;
        this.reads = reads;
        this.headers = headers;
        this.identity = identity;
    }

    ServerServiceDefinition definition() {
        return new ServiceBuilder(ClusterGrpc.SERVICE_NAME, replicator)
                .method(ClusterGrpc.getMemberListMethod(), this::memberList)
                .method(ClusterGrpc.getMemberAddMethod(), this::memberAdd)
                .method(ClusterGrpc.getMemberRemoveMethod(), this::memberRemove)
                .method(ClusterGrpc.getMemberPromoteMethod(), this::memberPromote)
                .method(ClusterGrpc.getMemberUpdateMethod(), this::memberUpdate)
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

    /** A voter that is added receives the log as a learner first, and votes by itself when it has caught up. */
    private void memberAdd(byte[] bytes, Answer<byte[]> answer) throws KvException {
        MemberAddRequest request = Marshallers.request(MemberAddRequest.parser(), bytes);
        String address = addressOf(request.getPeerURLsList());
        NodeId member = Identity.added(address);
        if (request.getIsLearner()) {
            requireRoomForALearner();
        }
        change(
                request.getIsLearner()
                        ? new MembershipChange.AddLearner(member, address)
                        : new MembershipChange.AddVoter(member, address),
                answer,
                () -> {
                    MemberAddResponse.Builder response =
                            MemberAddResponse.newBuilder().setHeader(headers.message(NO_REVISION));
                    members(response::addMembers);
                    response.getMembersList().stream()
                            .filter(each -> each.getID() == identity.memberId(member))
                            .forEach(response::setMember);
                    return response.build().toByteArray();
                });
    }

    /** As this member knows the group: one change at a time is let in by the leader, so two that cross here are rare. */
    private void requireRoomForALearner() throws KvException {
        Membership membership = replicator.status().membership();
        long learners = membership.learners().stream()
                .filter(member -> !membership.votersNext().contains(member))
                .count();
        if (learners >= options.maxLearners()) {
            throw new KvException(KvError.TOO_MANY_LEARNERS);
        }
    }

    private void memberRemove(byte[] bytes, Answer<byte[]> answer) throws KvException {
        MemberRemoveRequest request = Marshallers.request(MemberRemoveRequest.parser(), bytes);
        change(new MembershipChange.Remove(member(request.getID())), answer, () -> {
            MemberRemoveResponse.Builder response =
                    MemberRemoveResponse.newBuilder().setHeader(headers.message(NO_REVISION));
            members(response::addMembers);
            return response.build().toByteArray();
        });
    }

    private void memberPromote(byte[] bytes, Answer<byte[]> answer) throws KvException {
        MemberPromoteRequest request = Marshallers.request(MemberPromoteRequest.parser(), bytes);
        change(new MembershipChange.Promote(member(request.getID())), answer, () -> {
            MemberPromoteResponse.Builder response =
                    MemberPromoteResponse.newBuilder().setHeader(headers.message(NO_REVISION));
            members(response::addMembers);
            return response.build().toByteArray();
        });
    }

    private void memberUpdate(byte[] bytes, Answer<byte[]> answer) throws KvException {
        MemberUpdateRequest request = Marshallers.request(MemberUpdateRequest.parser(), bytes);
        NodeId member = member(request.getID());
        String address = addressOf(request.getPeerURLsList());
        change(new MembershipChange.SetAddress(member, address), answer, () -> {
            MemberUpdateResponse.Builder response =
                    MemberUpdateResponse.newBuilder().setHeader(headers.message(NO_REVISION));
            members(response::addMembers);
            return response.build().toByteArray();
        });
    }

    /** @param response is read after the change, on a thread that may read the store */
    @SuppressWarnings("FutureReturnValueIgnored") // the answer tells the caller
    private void change(MembershipChange.Step step, Answer<byte[]> answer, Supplier<byte[]> response) {
        replicator.changeMembership(MembershipChange.of(step)).whenComplete((done, failure) -> {
            if (failure != null) {
                answer.failWrite(failure);
            } else {
                answerAfterChange(response, answer);
            }
        });
    }

    private void answerAfterChange(Supplier<byte[]> response, Answer<byte[]> answer) {
        try {
            reads.serializable(new StoreRead(true, response::get, answer));
        } catch (KvException e) {
            answer.failAfterWrite(e);
        }
    }

    /** The member with this number. */
    private NodeId member(long id) throws KvException {
        for (NodeId member : replicator.status().membership().all()) {
            if (identity.memberId(member) == id) {
                return member;
            }
        }
        throw new KvException(KvError.MEMBER_NOT_FOUND);
    }

    /** The one address in these URLs, which nobody else has. */
    private String addressOf(List<String> urls) throws KvException {
        if (urls.size() != 1) {
            throw new KvException(KvError.BAD_PEER_URL); // a member of ours listens at one address
        }
        String address;
        try {
            URI uri = URI.create(urls.get(0));
            if (uri.getHost() == null || uri.getPort() <= 0) {
                throw new KvException(KvError.BAD_PEER_URL);
            }
            address = uri.getHost() + ":" + uri.getPort();
        } catch (IllegalArgumentException e) {
            throw new KvException(KvError.BAD_PEER_URL);
        }
        if (replicator.status().membership().addresses().containsValue(address)) {
            throw new KvException(KvError.PEER_URL_EXISTS);
        }
        return address;
    }

    private byte[] members() {
        MemberListResponse.Builder response = MemberListResponse.newBuilder().setHeader(headers.message(NO_REVISION));
        members(response::addMembers);
        return response.build().toByteArray();
    }

    /** A member that has not published itself yet has no name and no client address, as in etcd. */
    private void members(Consumer<Member> reader) {
        Membership membership = replicator.status().membership();
        Map<Long, Member> published = Members.publishedById(store);
        for (NodeId member : membership.all()) {
            long id = identity.memberId(member);
            Member.Builder answer = published.getOrDefault(id, Member.getDefaultInstance()).toBuilder()
                    .setID(id)
                    .clearPeerURLs()
                    .setIsLearner(membership.isLearner(member));
            String address = membership.addresses().get(member);
            if (address != null) {
                answer.addPeerURLs(options.peerScheme() + address);
            }
            reader.accept(answer.build());
        }
    }
}
