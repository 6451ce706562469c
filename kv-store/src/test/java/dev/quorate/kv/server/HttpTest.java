package dev.quorate.kv.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.StatusRuntimeException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What clients may do to a port that speaks HTTP/1.1 beside gRPC, and what they get. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class HttpTest {

    private static final int PATIENCE_MILLIS = 20_000;

    private final TestCluster cluster;

    HttpTest(@TempDir Path root) throws IOException {
        this.cluster = new TestCluster(root, 1, 100_000);
    }

    @BeforeAll
    void start() throws Exception {
        cluster.startAll().leader();
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(
                InetAddress.getLoopbackAddress(), cluster.server("n1").clientPort());
        socket.setSoTimeout(PATIENCE_MILLIS);
        return socket;
    }

    /** The status lines of what comes back until the server closes, or {@code count} of them. */
    private static List<String> statusLines(Socket socket, int count) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        List<String> lines = new ArrayList<>();
        for (String line = in.readLine(); line != null && lines.size() < count; line = in.readLine()) {
            int at = line.indexOf("HTTP/1.1 ");
            if (at >= 0) {
                lines.add(line.substring(at));
            }
            if (lines.size() == count) {
                break;
            }
        }
        return lines;
    }

    private List<String> answersTo(String request, int count) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            return statusLines(socket, count);
        }
    }

    private void stillServesBoth() throws IOException {
        cluster.client("n1").put("still", "here");
        assertEquals("here", cluster.client("n1").value("still"));
        assertEquals(List.of("HTTP/1.1 200 OK"), answersTo("GET /health HTTP/1.1\r\nHost: x\r\n\r\n", 1));
    }

    @Test
    void grpcAndHttpAreServedOnOnePort() throws IOException {
        stillServesBoth();
    }

    @Test
    void requestsThatAreSentAheadAreAnsweredInTheirOrder() throws IOException {
        String version = "GET /version HTTP/1.1\r\nHost: x\r\n\r\n";
        String three = version + version.replace("/version", "/nothing") + version;

        assertEquals(List.of("HTTP/1.1 200 OK", "HTTP/1.1 404 Not Found", "HTTP/1.1 200 OK"), answersTo(three, 3));
    }

    @Test
    void aBodyBeyondTheLimitIsRefusedBeforeItIsRead() throws IOException {
        String head = "POST /v3/kv/put HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n";

        assertEquals(List.of("HTTP/1.1 413 Request Entity Too Large"), answersTo(head, 1));
        stillServesBoth();
    }

    @Test
    void headersBeyondTheLimitAreRefused() throws IOException {
        String head = "GET /version HTTP/1.1\r\nHost: x\r\nX: " + "y".repeat(20_000) + "\r\n\r\n";

        assertEquals(List.of("HTTP/1.1 431 Request Header Fields Too Large"), answersTo(head, 1));
        stillServesBoth();
    }

    @Test
    void whatIsNoHttpIsRefused() throws IOException {
        List<String> answers = answersTo("\u0001\u0002\u0003 garbage\r\n\r\n", 1);

        assertTrue(answers.isEmpty() || answers.get(0).startsWith("HTTP/1.1 400"), answers::toString);
        stillServesBoth();
    }

    @Test
    void aWrongMethodSaysWhichIsRight() throws IOException {
        assertEquals(
                List.of("HTTP/1.1 405 Method Not Allowed"),
                answersTo("GET /v3/kv/range HTTP/1.1\r\nHost: x\r\n\r\n", 1));
        assertEquals(
                List.of("HTTP/1.1 405 Method Not Allowed"),
                answersTo("POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 1));
    }

    @Test
    void clientsThatGoAwayInTheMiddleOfAWatchLeaveNothing() throws IOException {
        String watch = "{\"create_request\":{\"key\":\"YQ==\"}}";
        for (int i = 0; i < 50; i++) {
            try (Socket socket = connect()) {
                socket.getOutputStream()
                        .write(("POST /v3/watch HTTP/1.1\r\nHost: x\r\nContent-Length: " + watch.length() + "\r\n\r\n"
                                        + watch)
                                .getBytes(StandardCharsets.UTF_8));
                assertEquals(List.of("HTTP/1.1 200 OK"), statusLines(socket, 1));
            }
        }
        stillServesBoth();
    }

    private String metrics() throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream()
                    .write("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.UTF_8));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** The value in a line that begins like this. */
    private static double metric(String page, String name) {
        return page.lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name + " in " + page));
    }

    /** Those that etcd's own dashboards and alerts look at. */
    @Test
    void metricsHaveEtcdsNames() throws IOException {
        String page = metrics();

        assertTrue(
                page.contains("\r\ncontent-type: text/plain; version=0.0.4"),
                page.lines().limit(8).toList()::toString);
        assertEquals(1, metric(page, "etcd_server_has_leader"));
        assertEquals(1, metric(page, "etcd_server_is_leader"));
        assertEquals(1, metric(page, "etcd_server_leader_changes_seen_total"));
        assertEquals(0, metric(page, "etcd_server_proposals_pending"));
        for (String name : List.of(
                "etcd_server_proposals_committed_total",
                "etcd_server_proposals_applied_total",
                "etcd_mvcc_db_total_size_in_bytes",
                "etcd_mvcc_db_total_size_in_use_in_bytes",
                "etcd_disk_wal_fsync_duration_seconds_bucket{le=\"+Inf\"}",
                "etcd_disk_wal_fsync_duration_seconds_sum",
                "etcd_disk_backend_commit_duration_seconds_bucket{le=\"8.192\"}",
                "etcd_server_quota_backend_bytes",
                "process_resident_memory_bytes",
                "process_cpu_seconds_total",
                "process_open_fds",
                "process_start_time_seconds")) {
            assertTrue(metric(page, name) > 0, name);
        }
        for (String name : List.of(
                "etcd_server_proposals_failed_total",
                "etcd_network_peer_received_bytes_total",
                "etcd_network_peer_sent_bytes_total")) {
            assertEquals(0, metric(page, name), name);
        }
    }

    @Test
    void whatClientsDoIsCounted() throws IOException {
        String put = "{grpc_method=\"Put\",grpc_service=\"etcdserverpb.KV\",grpc_type=\"unary\"}";
        String putRefused =
                "{grpc_code=\"InvalidArgument\",grpc_method=\"Put\",grpc_service=\"etcdserverpb.KV\",grpc_type=\"unary\"}";
        String putDone = putRefused.replace("InvalidArgument", "OK");
        String before = metrics();

        cluster.client("n1").put("counted", "x".repeat(1_000));
        assertThrows(StatusRuntimeException.class, () -> cluster.client("n1").put("", "x"));
        assertEquals("x".repeat(1_000), cluster.client("n1").value("counted"));

        String after = metrics();
        assertEquals(2, grown(before, after, "grpc_server_started_total" + put));
        assertEquals(1, grown(before, after, "grpc_server_handled_total" + putDone));
        assertEquals(1, grown(before, after, "grpc_server_handled_total" + putRefused));
        assertEquals(1, grown(before, after, "etcd_mvcc_put_total"));
        assertEquals(1, grown(before, after, "etcd_mvcc_range_total"));
        assertTrue(grown(before, after, "etcd_disk_wal_fsync_duration_seconds_count") >= 1);
        assertTrue(grown(before, after, "etcd_disk_backend_commit_duration_seconds_count") >= 1);
        assertTrue(grown(before, after, "etcd_network_client_grpc_received_bytes_total") >= 1_000);
        assertTrue(grown(before, after, "etcd_network_client_grpc_sent_bytes_total") >= 1_000);
    }

    private static double grown(String before, String after, String name) {
        return metric(after, name) - metric(before, name);
    }
}
