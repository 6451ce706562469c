package dev.quorate.kv.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import dev.quorate.kv.api.AlarmRequest;
import dev.quorate.kv.api.AuthEnableRequest;
import dev.quorate.kv.api.AuthGrpc;
import dev.quorate.kv.api.AuthRoleAddRequest;
import dev.quorate.kv.api.AuthUserAddRequest;
import dev.quorate.kv.api.AuthUserChangePasswordRequest;
import dev.quorate.kv.api.AuthUserGetRequest;
import dev.quorate.kv.api.AuthUserGrantRoleRequest;
import dev.quorate.kv.api.AuthenticateRequest;
import dev.quorate.kv.api.CampaignRequest;
import dev.quorate.kv.api.ClusterGrpc;
import dev.quorate.kv.api.DeleteRangeRequest;
import dev.quorate.kv.api.ElectionGrpc;
import dev.quorate.kv.api.KVGrpc;
import dev.quorate.kv.api.LeaderRequest;
import dev.quorate.kv.api.LeaseGrpc;
import dev.quorate.kv.api.LockGrpc;
import dev.quorate.kv.api.LockRequest;
import dev.quorate.kv.api.MaintenanceGrpc;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.RequestOp;
import dev.quorate.kv.api.TxnRequest;
import dev.quorate.kv.api.UnlockRequest;
import dev.quorate.kv.api.WatchGrpc;
import dev.quorate.kv.http.AllGatewayPaths;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.stub.MetadataUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Where permissions are in force, every method of every service asks who is there, over gRPC and over the gateway. A method that is
 * added later is among them by itself; one that is to be open must be named here.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EveryMethodIsGuardedTest {

    private static final List<ServiceDescriptor> SERVICES = List.of(
            KVGrpc.getServiceDescriptor(),
            WatchGrpc.getServiceDescriptor(),
            LeaseGrpc.getServiceDescriptor(),
            ClusterGrpc.getServiceDescriptor(),
            MaintenanceGrpc.getServiceDescriptor(),
            AuthGrpc.getServiceDescriptor(),
            LockGrpc.getServiceDescriptor(),
            ElectionGrpc.getServiceDescriptor(),
            HealthGrpc.getServiceDescriptor(),
            ServerReflectionGrpc.getServiceDescriptor());

    private static final Set<String> OPEN = Set.of(
            "etcdserverpb.Auth/Authenticate",
            "etcdserverpb.Auth/AuthStatus",
            "etcdserverpb.Cluster/MemberList",
            "grpc.health.v1.Health/Check",
            "grpc.health.v1.Health/Watch");

    /** What a user may who has no role, with a request that has nothing in it. */
    private static final Set<String> EVERY_USERS = Set.of(
            "etcdserverpb.Lease/LeaseGrant",
            "etcdserverpb.Lease/LeaseRevoke", // of one that does not exist
            "etcdserverpb.Lease/LeaseKeepAlive",
            "etcdserverpb.Lease/LeaseTimeToLive",
            "etcdserverpb.Lease/LeaseLeases",
            "etcdserverpb.Maintenance/Status",
            "etcdserverpb.Maintenance/Alarm",
            "v3electionpb.Election/Proclaim", // refused, for they name no leadership
            "v3electionpb.Election/Resign");

    private static final ByteString KEY = ByteString.copyFromUtf8("secret");

    /** Requests on a key, of the methods that look at one. */
    private static final Map<String, Message> ON_A_KEY = Map.of(
            "etcdserverpb.KV/Range", RangeRequest.newBuilder().setKey(KEY).build(),
            "etcdserverpb.KV/RangeStream", RangeRequest.newBuilder().setKey(KEY).build(),
            "etcdserverpb.KV/Put", PutRequest.newBuilder().setKey(KEY).build(),
            "etcdserverpb.KV/DeleteRange",
                    DeleteRangeRequest.newBuilder().setKey(KEY).build(),
            "etcdserverpb.KV/Txn",
                    TxnRequest.newBuilder()
                            .addFailure(RequestOp.newBuilder()
                                    .setRequestRange(RangeRequest.newBuilder().setKey(KEY)))
                            .build(),
            "v3lockpb.Lock/Lock", LockRequest.newBuilder().setName(KEY).build(),
            "v3lockpb.Lock/Unlock", UnlockRequest.newBuilder().setKey(KEY).build(),
            "v3electionpb.Election/Campaign",
                    CampaignRequest.newBuilder().setName(KEY).build(),
            "v3electionpb.Election/Leader",
                    LeaderRequest.newBuilder().setName(KEY).build(),
            "v3electionpb.Election/Observe",
                    LeaderRequest.newBuilder().setName(KEY).build());

    private static final MethodDescriptor.Marshaller<byte[]> BYTES = new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    };

    private static final long PATIENCE_SECONDS = 20;

    private final TestCluster cluster;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private ManagedChannel channel;
    private String stale;

    EveryMethodIsGuardedTest(@TempDir Path root) throws IOException {
        cluster = new TestCluster(root, 1, 100_000);
    }

    @BeforeAll
    void withUsers() throws Exception {
        cluster.startAll().leader();
        channel = NettyChannelBuilder.forAddress(
                        "127.0.0.1", cluster.server("n1").clientPort())
                .usePlaintext()
                .build();
        cluster.client("n1").put("secret", "value");
        AuthGrpc.AuthBlockingStub auth = auth();
        for (String user : List.of("root", "alice")) {
            auth.userAdd(AuthUserAddRequest.newBuilder()
                    .setName(user)
                    .setPassword(user + "pw")
                    .build());
        }
        auth.roleAdd(AuthRoleAddRequest.newBuilder().setName("root").build());
        auth.userGrantRole(AuthUserGrantRoleRequest.newBuilder()
                .setUser("root")
                .setRole("root")
                .build());
        auth.authEnable(AuthEnableRequest.getDefaultInstance());
        stale = token("alice");
        Metadata asRoot = headers(token("root"));
        auth.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(asRoot))
                .userChangePassword(AuthUserChangePasswordRequest.newBuilder()
                        .setName("alice")
                        .setPassword("alicepw")
                        .build());
    }

    @AfterAll
    void stop() {
        channel.shutdownNow();
        cluster.close();
    }

    private AuthGrpc.AuthBlockingStub auth() {
        return AuthGrpc.newBlockingStub(channel).withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private String token(String user) {
        return auth().authenticate(AuthenticateRequest.newBuilder()
                        .setName(user)
                        .setPassword(user + "pw")
                        .build())
                .getToken();
    }

    private static Metadata headers(String token) {
        Metadata headers = new Metadata();
        if (!token.isEmpty()) {
            headers.put(Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER), token);
        }
        return headers;
    }

    /** How a call ends; OK as soon as anything is answered. */
    private Status call(String token, MethodDescriptor<?, ?> method, byte[] request) throws Exception {
        ClientCall<byte[], byte[]> call =
                channel.newCall(method.toBuilder(BYTES, BYTES).build(), CallOptions.DEFAULT);
        CompletableFuture<Status> end = new CompletableFuture<>();
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onMessage(byte[] message) {
                        end.complete(Status.OK);
                    }

                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        end.complete(status);
                    }
                },
                headers(token));
        call.request(1);
        call.sendMessage(request);
        call.halfClose();
        try {
            return end.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } finally {
            call.cancel("seen enough", null);
        }
    }

    private static Map<String, MethodDescriptor<?, ?>> methods() {
        Map<String, MethodDescriptor<?, ?>> methods = new TreeMap<>();
        SERVICES.forEach(
                service -> service.getMethods().forEach(method -> methods.put(method.getFullMethodName(), method)));
        return methods;
    }

    private void eachGuarded(String token, BiConsumer<String, Status> check) throws Exception {
        for (Map.Entry<String, MethodDescriptor<?, ?>> method : methods().entrySet()) {
            if (!OPEN.contains(method.getKey())) {
                check.accept(method.getKey(), call(token, method.getValue(), new byte[0]));
            }
        }
    }

    private static void assertRefused(String what, Status.Code code, String text, Status found) {
        assertEquals(code + " etcdserver: " + text, found.getCode() + " " + found.getDescription(), what);
    }

    @Test
    void nobodyIsAskedForAName() throws Exception {
        eachGuarded(
                "",
                (method, status) -> assertRefused(method, Status.Code.INVALID_ARGUMENT, "user name is empty", status));
    }

    @Test
    void aForgedTokenIsWorthNothing() throws Exception {
        eachGuarded(
                "AbCdEfGhIjKlMnOp.1",
                (method, status) -> assertRefused(method, Status.Code.UNAUTHENTICATED, "invalid auth token", status));
    }

    @Test
    void aTokenFromBeforeAChangeOfThePasswordIsWorthNothing() throws Exception {
        eachGuarded(
                stale,
                (method, status) -> assertRefused(method, Status.Code.UNAUTHENTICATED, "invalid auth token", status));
    }

    @Test
    void aUserWithoutARoleMayLittle() throws Exception {
        String alice = token("alice");
        for (Map.Entry<String, MethodDescriptor<?, ?>> method : methods().entrySet()) {
            String name = method.getKey();
            if (OPEN.contains(name) || name.equals("etcdserverpb.Watch/Watch")) { // which answers in the stream
                continue;
            }
            Message onAKey = ON_A_KEY.get(name);
            Status status = call(alice, method.getValue(), onAKey == null ? new byte[0] : onAKey.toByteArray());
            if (EVERY_USERS.contains(name)) {
                assertNotEquals(Status.Code.PERMISSION_DENIED, status.getCode(), name);
            } else {
                assertRefused(name, Status.Code.PERMISSION_DENIED, "permission denied", status);
            }
        }
        assertEquals("value", rootsValue());
    }

    private String rootsValue() {
        return KVGrpc.newBlockingStub(channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers(token("root"))))
                .range(RangeRequest.newBuilder().setKey(KEY).build())
                .getKvs(0)
                .getValue()
                .toStringUtf8();
    }

    @Test
    void whatIsOpenIsOpen() throws Exception {
        for (String name : OPEN) {
            MethodDescriptor<?, ?> method = Objects.requireNonNull(methods().get(name), name);
            Status status = call("", method, new byte[0]);
            assertTrue(
                    status.isOk() || name.equals("etcdserverpb.Auth/Authenticate"), // which wants a name of its own
                    () -> name + ": " + status);
        }
    }

    /** The code and the text of the gateway's answer, as those of gRPC. */
    private Status post(String token, String path, String body) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + cluster.server("n1").clientPort() + path))
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (!token.isEmpty()) {
            request.header("Authorization", token);
        }
        HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        JsonObject json = JsonParser.parseString(
                        response.body().lines().findFirst().orElse("{}"))
                .getAsJsonObject();
        if (json.has("error") && json.get("error").isJsonObject()) { // of a stream
            json = json.getAsJsonObject("error");
        }
        JsonElement code = json.has("grpc_code") ? json.get("grpc_code") : json.get("code");
        return code == null
                ? Status.OK
                : Status.fromCodeValue(code.getAsInt())
                        .withDescription(json.get("message").getAsString());
    }

    @Test
    void theGatewayIsNoWayAround() throws Exception {
        Map<String, String> guarded = AllGatewayPaths.methods().entrySet().stream()
                .filter(path -> !OPEN.contains(path.getValue()))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        String alice = token("alice");
        for (Map.Entry<String, String> path : guarded.entrySet()) {
            String what = path.getKey();
            assertRefused(what, Status.Code.INVALID_ARGUMENT, "user name is empty", post("", what, "{}"));
            assertRefused(
                    what,
                    Status.Code.UNAUTHENTICATED,
                    "invalid auth token",
                    post("Bearer AbCdEfGhIjKlMnOp.1", what, "{}"));
            assertRefused(what, Status.Code.UNAUTHENTICATED, "invalid auth token", post(stale, what, "{}"));
            if (!EVERY_USERS.contains(path.getValue()) && !path.getValue().equals("etcdserverpb.Watch/Watch")) {
                Message onAKey = ON_A_KEY.get(path.getValue());
                String body = onAKey == null ? "{}" : JsonFormat.printer().print(onAKey);
                assertRefused(what, Status.Code.PERMISSION_DENIED, "permission denied", post(alice, what, body));
            }
        }
        assertTrue(guarded.size() > 80, "etcd's paths, each also as it was in 3.4");
        assertEquals("value", rootsValue());
    }

    @Test
    void aUserSeesHimselfAndHisAlarmsAndNobodyElse() throws Exception {
        String alice = token("alice");
        Message self = AuthUserGetRequest.newBuilder().setName("alice").build();
        Message root = AuthUserGetRequest.newBuilder().setName("root").build();
        Message raise = AlarmRequest.newBuilder()
                .setAction(AlarmRequest.AlarmAction.ACTIVATE)
                .build();

        assertTrue(call(alice, AuthGrpc.getUserGetMethod(), self.toByteArray()).isOk());
        assertEquals(
                Status.Code.PERMISSION_DENIED,
                call(alice, AuthGrpc.getUserGetMethod(), root.toByteArray()).getCode());
        assertTrue(call(alice, MaintenanceGrpc.getAlarmMethod(), new byte[0]).isOk());
        assertEquals(
                Status.Code.PERMISSION_DENIED,
                call(alice, MaintenanceGrpc.getAlarmMethod(), raise.toByteArray())
                        .getCode());
    }
}
