package dev.quorate.kv.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.CompactionRequest;
import dev.quorate.kv.api.Member;
import dev.quorate.kv.api.MemberListRequest;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.StatusResponse;
import dev.quorate.raft.transport.netty.tls.TlsOptions;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three servers in one process, with real logs, stores and connections. */
final class ThreeServersTest {

    private static final long NO_SNAPSHOTS = 1_000_000;

    @TempDir
    private Path root;

    @Test
    void everyMemberServesReadsAndWritesAndNamesAllMembers() throws Exception {
        try (TestCluster cluster = new TestCluster(root, 3, NO_SNAPSHOTS).startAll()) {
            cluster.leader();
            for (String writer : cluster.names()) {
                cluster.client(writer).put("from", writer);
                for (String reader : cluster.names()) {
                    assertEquals(writer, cluster.client(reader).value("from"), "read at " + reader);
                }
            }
            for (String name : cluster.names()) {
                TestCluster.await("all members known at " + name, () -> {
                    List<Member> members = cluster.client(name)
                            .cluster()
                            .memberList(MemberListRequest.getDefaultInstance())
                            .getMembersList();
                    return members.stream().map(Member::getName).toList().equals(cluster.names())
                            && members.stream().allMatch(member -> member.getClientURLsCount() == 1);
                });
            }
        }
    }

    @Test
    void membersThatSpeakTlsWithEachOtherServeAndSaySo() throws Exception {
        TlsOptions tls = new TestCertificates(root, "authority").issue("member");
        try (TestCluster cluster = new TestCluster(root, 3, NO_SNAPSHOTS).with(config -> config.peerTls(tls))) {
            cluster.startAll().leader();
            cluster.client("n1").put("from", "n1");

            assertEquals("n1", cluster.client("n3").value("from"));
            for (Member member : cluster.client("n2")
                    .cluster()
                    .memberList(MemberListRequest.getDefaultInstance())
                    .getMembersList()) {
                assertTrue(member.getPeerURLs(0).startsWith("https://127.0.0.1:"), member.toString());
            }
        }
    }

    @Test
    void eachMemberTellsHowFarAwayTheOthersAre() throws Exception {
        try (TestCluster cluster = new TestCluster(root, 3, NO_SNAPSHOTS).startAll()) {
            cluster.leader();
            HttpRequest metrics = HttpRequest.newBuilder(
                            cluster.server("n1").clientUri().resolve("/metrics"))
                    .build();
            for (String other : List.of("n2", "n3")) {
                String counted = "etcd_network_peer_round_trip_time_seconds_count{To=\"" + other + "\"} ";
                TestCluster.await(
                        "a ping to " + other,
                        () -> HttpClient.newHttpClient()
                                .send(metrics, HttpResponse.BodyHandlers.ofString())
                                .body()
                                .contains(counted));
            }
        }
    }

    @Test
    void nothingAcknowledgedIsLostWhenTheLeaderStops() throws Exception {
        try (TestCluster cluster = new TestCluster(root, 3, NO_SNAPSHOTS).startAll()) {
            String leader = cluster.leader();
            for (int i = 0; i < 100; i++) {
                cluster.client(leader).put("k" + i, "v" + i);
            }

            cluster.stop(leader);

            String next = cluster.leader();
            for (int i = 0; i < 100; i++) {
                assertEquals("v" + i, cluster.client(next).value("k" + i));
            }
            cluster.client(next).put("k0", "after");
            cluster.start(leader);
            TestCluster.await(
                    "the old leader answers with the new value",
                    () -> cluster.client(leader).value("k0").equals("after"));
        }
    }

    @Test
    void everythingIsThereAfterAllWereStopped() throws Exception {
        try (TestCluster cluster = new TestCluster(root, 3, 50).startAll()) {
            String leader = cluster.leader();
            for (int i = 0; i < 120; i++) {
                cluster.client(leader).put("k" + i % 10, "v" + i);
            }
            cluster.names().forEach(cluster::stop);

            cluster.startAll();

            String anyone = cluster.leader();
            for (int i = 110; i < 120; i++) {
                assertEquals("v" + i, cluster.client(anyone).value("k" + i % 10));
            }
        }
    }

    @Test
    void aMemberThatMissedTheCompactedLogCatchesUpBySnapshot() throws Exception {
        int writes = 2_500;
        try (TestCluster cluster = new TestCluster(root, 3, 500).startAll()) {
            String late = cluster.aFollower();
            cluster.stop(late);
            String leader = cluster.leader();
            Burst.puts(cluster.server(leader).clientPort(), writes, 200);
            TestCluster.await(
                    "a leader that has forgotten the start of its log",
                    () -> cluster.server(leader).status().firstIndex() > 1);
            cluster.client(leader)
                    .kv()
                    .compact(CompactionRequest.newBuilder()
                            .setRevision(writes / 2)
                            .setPhysical(true)
                            .build());

            cluster.start(late);

            StatusResponse ahead = cluster.client(leader).status();
            TestCluster.await(
                    "the late member has applied what the others have",
                    () -> cluster.client(late).status().getRaftAppliedIndex() >= ahead.getRaftAppliedIndex());
            RangeRequest all = RangeRequest.newBuilder()
                    .setKey(ByteString.copyFrom(new byte[1]))
                    .setRangeEnd(ByteString.copyFrom(new byte[1]))
                    .setSerializable(true)
                    .setRevision(writes / 2 + 10)
                    .build();
            assertEquals(
                    cluster.client(leader).kv().range(all).getKvsList(),
                    cluster.client(late).kv().range(all).getKvsList());
        }
    }

    @Test
    void withoutAQuorumOldReadsAreServedAndOthersAreRefused() throws Exception {
        try (TestCluster cluster = new TestCluster(root, 3, NO_SNAPSHOTS).startAll()) {
            String left = cluster.leader();
            cluster.client(left).put("k", "v");
            cluster.names().stream().filter(name -> !name.equals(left)).forEach(cluster::stop);
            TestCluster.await(
                    "a member that knows no leader",
                    () -> cluster.server(left).status().leader() == null);

            TestClient client = cluster.client(left);
            RangeRequest read = RangeRequest.newBuilder()
                    .setKey(ByteString.copyFromUtf8("k"))
                    .build();
            assertEquals(
                    1,
                    client.kv()
                            .range(read.toBuilder().setSerializable(true).build())
                            .getCount());
            StatusRuntimeException refused =
                    assertThrows(StatusRuntimeException.class, () -> client.kv().range(read));
            assertEquals(Status.Code.UNAVAILABLE, refused.getStatus().getCode());
            refused = assertThrows(StatusRuntimeException.class, () -> client.put("k", "w"));
            assertEquals(Status.Code.UNAVAILABLE, refused.getStatus().getCode());
            Metadata requiresLeader = new Metadata();
            requiresLeader.put(Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER), "true");
            refused = assertThrows(
                    StatusRuntimeException.class,
                    () -> client.kv()
                            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(requiresLeader))
                            .range(read.toBuilder().setSerializable(true).build()));
            assertEquals("etcdserver: no leader", refused.getStatus().getDescription());
            assertTrue(client.status().getErrorsList().contains("etcdserver: no leader"));
        }
    }
}
