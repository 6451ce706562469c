package dev.quorate.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.Test;

/** What is there for those who speak HTTP/1.1: the JSON gateway, health and version, on the same port as gRPC. */
@ConformanceChecks
final class GatewayChecksTest extends Checks {

    private static final Duration DEADLINE = Duration.ofSeconds(20);

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(DEADLINE)
            .build();

    GatewayChecksTest(Server server) {
        super(server);
    }

    /** How a request ended. */
    private record Reply(int status, JsonObject body) {
        String text(String field) {
            return body.has(field) ? body.get(field).getAsString() : "no " + field + " in " + body;
        }

        JsonObject first(String array) {
            return body.getAsJsonArray(array).get(0).getAsJsonObject();
        }
    }

    private URI uri(int node, String path) {
        return URI.create("http://" + cluster().endpoints().get(node) + path);
    }

    private Reply post(int node, String path, String json) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(uri(node, path))
                .timeout(DEADLINE)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json))
                .build();
        return reply(client.send(request, HttpResponse.BodyHandlers.ofString()));
    }

    private Reply get(int node, String path) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(uri(node, path)).timeout(DEADLINE).build();
        return reply(client.send(request, HttpResponse.BodyHandlers.ofString()));
    }

    /** The liar lies here as well. */
    private Reply reply(HttpResponse<String> response) {
        if (server() == Server.LIAR) {
            return new Reply(418, new JsonObject());
        }
        return new Reply(
                response.statusCode(),
                response.body().startsWith("{")
                        ? JsonParser.parseString(response.body()).getAsJsonObject()
                        : new JsonObject());
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private String name(String key) {
        return base64(key(key).toStringUtf8());
    }

    @Test
    void bytesAreBase64AndLongNumbersAreTexts() throws Exception {
        Reply put = post(0, "/v3/kv/put", "{\"key\":\"" + name("k") + "\",\"value\":\"" + base64("hello") + "\"}");
        assertEquals(200, put.status());
        assertTrue(put.body()
                .getAsJsonObject("header")
                .get("revision")
                .getAsJsonPrimitive()
                .isString());

        Reply range = post(1, "/v3/kv/range", "{\"key\":\"" + name("k") + "\"}");

        assertEquals("1", range.text("count"));
        JsonObject pair = range.first("kvs");
        assertEquals(name("k"), pair.get("key").getAsString());
        assertEquals(base64("hello"), pair.get("value").getAsString());
        assertEquals("1", pair.get("version").getAsString());
        assertFalse(pair.has("lease"), "what is zero is left out");
        assertFalse(range.body().has("more"), "what is false is left out");
    }

    @Test
    void fieldsAreTakenInBothSpellings() throws Exception {
        for (String name : new String[] {"range_end", "rangeEnd"}) {
            put(key("s1"), "1");
            put(key("s2"), "2");
            String end = base64(end(key("s")).toStringUtf8());

            Reply range = post(0, "/v3/kv/range", "{\"key\":\"" + name("s") + "\",\"" + name + "\":\"" + end + "\"}");

            assertEquals("2", range.text("count"));
        }
    }

    @Test
    void transactionsAndDeletionsAreThere() throws Exception {
        String txn = "{\"compare\":[{\"key\":\"" + name("t") + "\",\"target\":\"CREATE\",\"create_revision\":\"0\"}],"
                + "\"success\":[{\"request_put\":{\"key\":\"" + name("t") + "\",\"value\":\"" + base64("1") + "\"}}]}";

        assertTrue(post(0, "/v3/kv/txn", txn).body().get("succeeded").getAsBoolean());
        assertFalse(post(0, "/v3/kv/txn", txn).body().has("succeeded"));
        assertEquals(
                "1",
                post(0, "/v3/kv/deleterange", "{\"key\":\"" + name("t") + "\"}").text("deleted"));
    }

    @Test
    void anErrorHasItsTextAndItsCode() throws Exception {
        Reply refused = post(0, "/v3/kv/put", "{}");

        assertEquals(400, refused.status());
        assertEquals("etcdserver: key is not provided", refused.text("error"));
        assertEquals("3", refused.text("code"));
        Reply unknown = post(0, "/v3/lease/revoke", "{\"ID\":\"4711\"}");
        assertEquals(404, unknown.status());
        assertEquals("etcdserver: requested lease not found", unknown.text("error"));
    }

    @Test
    void whatIsNoJsonIsRefusedAndChangesNothing() throws Exception {
        assertEquals(400, post(0, "/v3/kv/put", "{\"key\":").status());
        assertEquals(400, post(0, "/v3/kv/put", "{\"key\":5}").status());
    }

    @Test
    void leasesAreGrantedAndKeptAlive() throws Exception {
        Reply granted = post(0, "/v3/lease/grant", "{\"TTL\":\"60\"}");
        String id = granted.text("ID");
        assertEquals("60", granted.text("TTL"));

        Reply kept = post(0, "/v3/lease/keepalive", "{\"ID\":\"" + id + "\"}");
        assertEquals(200, kept.status());
        assertEquals("60", kept.body().getAsJsonObject("result").get("TTL").getAsString());

        assertEquals(200, post(0, "/v3/lease/revoke", "{\"ID\":\"" + id + "\"}").status());
    }

    @Test
    void aWatchIsAStreamOfLines() throws Exception {
        String create = "{\"create_request\":{\"key\":\"" + name("w") + "\"}}";
        HttpRequest request = HttpRequest.newBuilder(uri(0, "/v3/watch"))
                .POST(HttpRequest.BodyPublishers.ofString(create))
                .build();
        HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            assertTrue(result(lines).get("created").getAsBoolean());
            put(key("w"), "seen");

            JsonObject event = result(lines).getAsJsonArray("events").get(0).getAsJsonObject();

            assertEquals(
                    base64("seen"), event.getAsJsonObject("kv").get("value").getAsString());
        }
    }

    private JsonObject result(BufferedReader lines) throws IOException {
        String line = lines.readLine();
        JsonObject whole = server() == Server.LIAR
                ? new JsonObject()
                : JsonParser.parseString(line).getAsJsonObject();
        assertTrue(whole.has("result"), () -> "no result in " + whole);
        return whole.getAsJsonObject("result");
    }

    @Test
    void membersAndStatusAreThereForThoseWhoLookForServers() throws Exception {
        Reply members = post(0, "/v3/cluster/member/list", "{}");
        assertEquals(
                3,
                members.status() == 200
                        ? members.body().getAsJsonArray("members").size()
                        : members.status());
        assertTrue(members.first("members")
                .getAsJsonArray("clientURLs")
                .get(0)
                .getAsString()
                .startsWith("http://"));

        Reply status = post(0, "/v3/maintenance/status", "{}");
        assertTrue(status.text("version").matches("3\\.\\d+\\.\\d+"), status.text("version"));
        assertTrue(status.body().get("leader").getAsJsonPrimitive().isString());
    }

    @Test
    void theVersionTellsWhichApiToSpeak() throws Exception {
        Reply version = get(0, "/version");

        assertEquals(200, version.status());
        assertTrue(version.text("etcdserver").matches("3\\.\\d+\\.\\d+"));
        assertTrue(version.text("etcdcluster").matches("3\\.\\d+\\.0"));
    }

    @Test
    void aHealthyMemberSaysSo() throws Exception {
        for (int node = 0; node < Cluster.NODES; node++) {
            Reply health = get(node, "/health");
            assertEquals(200, health.status());
            assertEquals("true", health.text("health"));
        }
    }

    @Test
    @Since("3.6")
    void probesTellWhetherToRestartAndWhetherToSendRequests() throws Exception {
        for (String path : new String[] {"/livez", "/readyz", "/readyz/linearizable_read", "/readyz?verbose"}) {
            assertEquals(200, get(0, path).status(), path);
        }
        assertEquals(404, get(0, "/readyz/nonsense").status());
    }

    @Test
    void aPathThatNobodyServesIsNotFound() throws Exception {
        assertEquals(404, post(0, "/v3/kv/nonsense", "{}").status());
    }
}
