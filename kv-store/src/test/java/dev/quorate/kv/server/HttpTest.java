package dev.quorate.kv.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

    @Test
    void metricsHaveEtcdsNames() throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream()
                    .write("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.UTF_8));
            String all = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertTrue(all.contains("\netcd_server_has_leader 1\n"), all);
            assertTrue(all.contains("\netcd_server_is_leader 1\n"), all);
            assertTrue(all.matches("(?s).*\netcd_mvcc_db_total_size_in_bytes \\d+\n.*"), all);
            assertTrue(all.matches("(?s).*\nprocess_resident_memory_bytes [1-9]\\d+\n.*"), all);
        }
    }
}
