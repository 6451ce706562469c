package dev.quorate.kv.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.kv.api.AlarmRequest;
import dev.quorate.kv.api.AlarmRequest.AlarmAction;
import dev.quorate.kv.api.AlarmType;
import dev.quorate.kv.api.MaintenanceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What probes hear, who have no password. */
final class HealthTest {

    private static final List<String> ALL = List.of("/health", "/health?serializable=true", "/livez", "/readyz");

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void probesHearHowAMemberIsAlsoWherePermissionsAreInForce(@TempDir Path root) throws Exception {
        try (TestCluster cluster = new TestCluster(root, 3, 100_000).startAll()) {
            cluster.leader();
            ManagedChannel channel = NettyChannelBuilder.forAddress(
                            "127.0.0.1", cluster.server("n1").clientPort())
                    .usePlaintext()
                    .build();
            try {
                RootUser.alone(channel);
                for (String path : ALL) {
                    assertEquals(200, get(cluster.server("n1"), path).statusCode(), path);
                }

                MaintenanceGrpc.MaintenanceBlockingStub maintenance =
                        RootUser.with(RootUser.token(channel), MaintenanceGrpc.newBlockingStub(channel));
                maintenance.alarm(noSpace(AlarmAction.ACTIVATE));
                assertEquals(
                        "{\"health\":\"false\",\"reason\":\"ALARM NOSPACE\"}",
                        get(cluster.server("n1"), "/health").body());
                assertEquals(
                        200,
                        get(cluster.server("n1"), "/health?exclude=NOSPACE").statusCode());
                maintenance.alarm(noSpace(AlarmAction.DEACTIVATE));
                assertEquals(200, get(cluster.server("n1"), "/health").statusCode());
            } finally {
                channel.shutdownNow();
            }

            cluster.stop("n2");
            cluster.stop("n3");
            KvServer left = cluster.server("n1");
            TestCluster.await(
                    "it knows that it is alone", () -> get(left, "/health").statusCode() == 503);
            HttpResponse<String> ready = get(left, "/readyz");
            assertEquals(503, ready.statusCode());
            assertTrue(ready.body().contains("[-]linearizable_read failed: etcdserver: no leader"), ready::body);
            for (String path : List.of("/livez", "/health?serializable=true")) {
                assertEquals(200, get(left, path).statusCode(), path);
            }
        }
    }

    private static AlarmRequest noSpace(AlarmAction action) {
        return AlarmRequest.newBuilder()
                .setAction(action)
                .setMemberID(7)
                .setAlarm(AlarmType.NOSPACE)
                .build();
    }

    private HttpResponse<String> get(KvServer server, String path) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(server.clientUri().resolve(path)).build(), HttpResponse.BodyHandlers.ofString());
    }
}
