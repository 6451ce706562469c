package dev.quorate.kv.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.LeaseGrantRequest;
import dev.quorate.kv.api.MemberAddRequest;
import dev.quorate.kv.api.MemberListRequest;
import dev.quorate.kv.api.MemberPromoteRequest;
import dev.quorate.kv.api.MemberRemoveRequest;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.SnapshotRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Members come and go while the cluster runs, through etcd's Cluster service. */
final class JoinTest {

    @TempDir
    private Path root;

    @Test
    void aServerIsAddedJoinsBySnapshotVotesAndFindsItselfAgainAfterARestart() throws Exception {
        String peer = "127.0.0.1:" + freePort();
        try (TestCluster cluster = new TestCluster(root, 1, 20).startAll()) {
            cluster.leader();
            for (int i = 0; i < 100; i++) {
                cluster.client("n1").put("k" + i, "v" + i);
            }

            cluster.client("n1")
                    .cluster()
                    .memberAdd(MemberAddRequest.newBuilder()
                            .addPeerURLs("http://" + peer)
                            .build());
            KvServerConfig joiner = config(peer, cluster.server("n1").clientPort());
            KvServer joined = KvServer.start(joiner);
            TestCluster.await(
                    "two voters", () -> joined.status().membership().voters().size() == 2);
            joined.close();
            KvServer again = KvServer.start(joiner);

            try (again;
                    TestClient client = new TestClient(again.clientPort())) {
                TestCluster.await("a leader", () -> again.status().leader() != null);
                assertEquals("v99", client.value("k99"));
            }
        }
    }

    @Test
    void aLearnerStandsByUntilItIsPromoted() throws Exception {
        String peer = "127.0.0.1:" + freePort();
        String refusal = "etcdserver: rpc not supported for learner";
        try (TestCluster cluster = new TestCluster(root, 1, 20).startAll()) {
            cluster.leader();
            cluster.client("n1").put("k", "v");
            long id = cluster.client("n1")
                    .cluster()
                    .memberAdd(MemberAddRequest.newBuilder()
                            .addPeerURLs("http://" + peer)
                            .setIsLearner(true)
                            .build())
                    .getMember()
                    .getID();
            refused(
                    Status.Code.FAILED_PRECONDITION,
                    "etcdserver: too many learner members in cluster",
                    () -> cluster.client("n1")
                            .cluster()
                            .memberAdd(MemberAddRequest.newBuilder()
                                    .addPeerURLs("http://127.0.0.1:1")
                                    .setIsLearner(true)
                                    .build()));
            KvServer learner = KvServer.start(config(peer, cluster.server("n1").clientPort()));
            try (learner;
                    TestClient client = new TestClient(learner.clientPort())) {
                TestCluster.await("it is a learner", () -> client.status().getIsLearner());
                RangeRequest range = RangeRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8("k"))
                        .build();

                refused(Status.Code.FAILED_PRECONDITION, refusal, () -> client.put("k", "w"));
                refused(
                        Status.Code.FAILED_PRECONDITION,
                        refusal,
                        () -> client.kv().range(range));
                refused(
                        Status.Code.FAILED_PRECONDITION,
                        refusal,
                        () -> client.cluster().memberList(MemberListRequest.getDefaultInstance()));
                refused(
                        Status.Code.FAILED_PRECONDITION,
                        refusal,
                        () -> client.lease()
                                .leaseGrant(LeaseGrantRequest.newBuilder()
                                        .setTTL(10)
                                        .build()));
                TestCluster.await(
                        "a range that may be old",
                        () -> client.kv()
                                        .range(range.toBuilder()
                                                .setSerializable(true)
                                                .build())
                                        .getCount()
                                == 1);
                assertTrue(client.maintenance()
                        .snapshot(SnapshotRequest.getDefaultInstance())
                        .hasNext());

                TestCluster.await(
                        "it is promoted",
                        () -> cluster.client("n1")
                                        .cluster()
                                        .memberPromote(MemberPromoteRequest.newBuilder()
                                                .setID(id)
                                                .build())
                                        .getMembersCount()
                                == 2);
                TestCluster.await("it serves everything", () -> "v".equals(client.value("k")));
            }
        }
    }

    @Test
    void whoWasNotAddedCannotJoin() throws Exception {
        try (TestCluster cluster = new TestCluster(root, 1, 1_000).startAll()) {
            cluster.leader();
            KvServerConfig stranger =
                    config("127.0.0.1:" + freePort(), cluster.server("n1").clientPort());

            KvServerException refusal = assertThrows(KvServerException.class, () -> KvServer.start(stranger));

            assertTrue(String.valueOf(refusal.getMessage()).contains("add it first: 'kv member add"));
        }
    }

    @Test
    void refusalsHaveTheCodesAndTextsOfEtcd() throws Exception {
        try (TestCluster cluster = new TestCluster(root, 1, 1_000).startAll()) {
            cluster.leader();
            TestClient client = cluster.client("n1");
            client.put("k", "v");
            long self = client.status().getHeader().getMemberId();

            refused(
                    Status.Code.NOT_FOUND,
                    "etcdserver: member not found",
                    () -> client.cluster()
                            .memberRemove(
                                    MemberRemoveRequest.newBuilder().setID(1).build()));
            refused(
                    Status.Code.FAILED_PRECONDITION,
                    "etcdserver: can only promote a learner member",
                    () -> client.cluster()
                            .memberPromote(MemberPromoteRequest.newBuilder()
                                    .setID(self)
                                    .build()));
            refused(
                    Status.Code.INVALID_ARGUMENT,
                    "etcdserver: given member URLs are invalid",
                    () -> client.cluster()
                            .memberAdd(MemberAddRequest.newBuilder()
                                    .addPeerURLs("nowhere")
                                    .build()));
        }
    }

    private KvServerConfig config(String peer, int clientPort) {
        return KvServerConfig.builder("joiner")
                .clientAddress("127.0.0.1:0")
                .peerAddress(peer)
                .join(List.of("127.0.0.1:" + clientPort))
                .dataDirectory(root.resolve("joiner"))
                .electionTimeout(Duration.ofMillis(1_000))
                .heartbeatInterval(Duration.ofMillis(100))
                .snapshotEveryEntries(20)
                .build();
    }

    private static void refused(Status.Code code, String text, Runnable call) {
        Status status = assertThrows(StatusRuntimeException.class, call::run).getStatus();
        assertEquals(code, status.getCode());
        assertEquals(text, status.getDescription());
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
