package dev.quorate.kv.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.AuthDisableRequest;
import dev.quorate.kv.api.AuthEnableRequest;
import dev.quorate.kv.api.AuthGrpc;
import dev.quorate.kv.api.AuthRoleAddRequest;
import dev.quorate.kv.api.AuthUserAddRequest;
import dev.quorate.kv.api.AuthUserGrantRoleRequest;
import dev.quorate.kv.api.AuthenticateRequest;
import dev.quorate.kv.api.ClusterGrpc;
import dev.quorate.kv.api.KVGrpc;
import dev.quorate.kv.api.MemberListRequest;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.raft.transport.netty.tls.ReloadingTls;
import dev.quorate.raft.transport.netty.tls.TlsOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.netty.handler.ssl.JdkSslContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Who gets through a client port with TLS, and as whom. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ClientTlsTest {

    private static final long DEADLINE_SECONDS = 20;
    private static final PutRequest PUT = PutRequest.newBuilder()
            .setKey(ByteString.copyFromUtf8("k"))
            .setValue(ByteString.copyFromUtf8("v"))
            .build();

    private final Path directory;
    private final TestCertificates authority;
    private final TestCertificates strangers;
    private final List<ManagedChannel> channels = new ArrayList<>();
    private final TlsOptions serverFiles;
    private KvServer server;

    ClientTlsTest(@TempDir Path directory) throws Exception {
        this.directory = directory;
        this.authority = new TestCertificates(directory, "authority");
        this.strangers = new TestCertificates(directory, "strangers");
        this.serverFiles = authority.issue("server");
    }

    @BeforeAll
    void start() throws Exception {
        server = KvServer.start(KvServerConfig.builder("n1")
                .clientAddress("127.0.0.1:0")
                .peerAddress("127.0.0.1:" + freePort())
                .dataDirectory(directory.resolve("n1"))
                .electionTimeout(Duration.ofMillis(200))
                .heartbeatInterval(Duration.ofMillis(50))
                .clientTls(serverFiles)
                .build());
        TestCluster.await("a leader", () -> server.status().leader() != null);
    }

    @AfterAll
    void stop() {
        channels.forEach(ManagedChannel::shutdownNow);
        server.close();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private ManagedChannel connect(TlsOptions client) throws IOException {
        return opened(NettyChannelBuilder.forAddress("127.0.0.1", server.clientPort())
                .sslContext(ReloadingTls.load(client, "h2").client())
                .build());
    }

    private ManagedChannel opened(ManagedChannel channel) {
        channels.add(channel);
        return channel;
    }

    private static KVGrpc.KVBlockingStub kv(ManagedChannel channel) {
        return KVGrpc.newBlockingStub(channel).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    private static AuthGrpc.AuthBlockingStub auth(ManagedChannel channel) {
        return AuthGrpc.newBlockingStub(channel).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    private static Status failureOfPut(ManagedChannel channel) {
        return assertThrows(StatusRuntimeException.class, () -> kv(channel).put(PUT))
                .getStatus();
    }

    @Test
    void whoShowsACertificateOfTheAuthorityIsServed() throws Exception {
        ManagedChannel channel = connect(authority.issue("alice"));

        kv(channel).put(PUT);

        assertEquals(
                "v",
                kv(channel)
                        .range(RangeRequest.newBuilder().setKey(PUT.getKey()).build())
                        .getKvs(0)
                        .getValue()
                        .toStringUtf8());
    }

    @Test
    void theListOfMembersNamesHttps() throws Exception {
        ManagedChannel channel = connect(authority.issue("alice"));
        ClusterGrpc.ClusterBlockingStub cluster = ClusterGrpc.newBlockingStub(channel);

        TestCluster.await(
                "published",
                () -> cluster.memberList(MemberListRequest.getDefaultInstance())
                        .getMembers(0)
                        .getClientURLsList()
                        .equals(List.of("https://127.0.0.1:" + server.clientPort())));
    }

    @Test
    void whoSpeaksInClearIsTurnedAwayAndOthersAreNot() throws Exception {
        ManagedChannel well = connect(authority.issue("alice"));
        kv(well).put(PUT);
        ManagedChannel clear = opened(NettyChannelBuilder.forAddress("127.0.0.1", server.clientPort())
                .usePlaintext()
                .build());

        assertEquals(Status.Code.UNAVAILABLE, failureOfPut(clear).getCode());
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.clientPort())) {
            socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(DEADLINE_SECONDS));
            socket.getOutputStream().write("GET /health HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            assertTrue(!answer.contains("health"), answer);
        }
        kv(well).put(PUT);
    }

    @Test
    void whoShowsNoCertificateIsNotServed() throws Exception {
        assertEquals(
                Status.Code.UNAVAILABLE,
                failureOfPut(connect(authority.trust())).getCode());
    }

    @Test
    void whoShowsACertificateOfAnotherAuthorityIsNotServed() throws Exception {
        TlsOptions stranger = strangers.issue("alice");
        TlsOptions client = new TlsOptions(stranger.certFile(), stranger.keyFile(), authority.root(), false);

        assertEquals(Status.Code.UNAVAILABLE, failureOfPut(connect(client)).getCode());
    }

    @Test
    void whoShowsAnExpiredCertificateIsNotServed() throws Exception {
        TlsOptions expired = authority.issue("alice", Instant.now().minus(Duration.ofHours(1)));

        assertEquals(Status.Code.UNAVAILABLE, failureOfPut(connect(expired)).getCode());
    }

    @Test
    void aServerOfAnotherAuthorityIsNotTrusted() throws Exception {
        Status failure = failureOfPut(connect(strangers.issue("alice")));

        assertEquals(Status.Code.UNAVAILABLE, failure.getCode());
        assertTrue(String.valueOf(failure.getCause()).contains("SSLHandshake"), String.valueOf(failure.getCause()));
    }

    @Test
    void aNewCertificateIsUsedForNewConnectionsAndABrokenOneIsNot() throws Exception {
        TlsOptions alice = authority.issue("alice");
        ManagedChannel old = connect(alice);
        kv(old).put(PUT);

        Files.writeString(serverFiles.certFile(), "-----BEGIN CERTIFICATE-----\nbroken");
        kv(connect(alice)).put(PUT);

        authority.issue("server", Instant.now().minus(Duration.ofHours(1)));
        assertEquals(Status.Code.UNAVAILABLE, failureOfPut(connect(alice)).getCode(), "the expired one is in use");
        kv(old).put(PUT);

        authority.issue("server");
        kv(connect(alice)).put(PUT);
    }

    @Test
    void http11IsServedInsideTls() throws Exception {
        assertEquals(
                200,
                get(authority.issue("alice"), "/health", HttpClient.Version.HTTP_1_1)
                        .statusCode());
    }

    @Test
    void whoOffersHttp2AndHttp11GetsPagesOverHttp11() throws Exception {
        HttpResponse<String> health = get(authority.issue("alice"), "/health", HttpClient.Version.HTTP_2);

        assertEquals(200, health.statusCode());
        assertEquals(HttpClient.Version.HTTP_1_1, health.version());
    }

    private HttpResponse<String> get(TlsOptions client, String path, HttpClient.Version version) throws Exception {
        return http(
                client, version, HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + server.clientPort() + path)));
    }

    private static HttpResponse<String> http(TlsOptions client, HttpClient.Version version, HttpRequest.Builder request)
            throws Exception {
        JdkSslContext context =
                (JdkSslContext) ReloadingTls.load(client, "http/1.1").client();
        return HttpClient.newBuilder()
                .version(version)
                .sslContext(context.context())
                .build()
                .send(request.timeout(Duration.ofSeconds(DEADLINE_SECONDS)).build(), BodyHandlers.ofString());
    }

    @Test
    void theCommonNameIsTheUserOverGrpcAndATokenWins() throws Exception {
        ManagedChannel root = connect(authority.issue("root"));
        ManagedChannel alice = connect(authority.issue("alice"));
        allowRootAlone(root);
        try {
            certificateIsTheUserWithoutAToken(root, alice);
        } finally {
            var unused = auth(root).authDisable(AuthDisableRequest.getDefaultInstance());
        }
    }

    private void certificateIsTheUserWithoutAToken(ManagedChannel root, ManagedChannel alice) throws Exception {
        kv(root).put(PUT);
        assertEquals("etcdserver: permission denied", failureOfPut(alice).getDescription());
        String token = auth(alice)
                .authenticate(AuthenticateRequest.newBuilder()
                        .setName("root")
                        .setPassword("secret")
                        .build())
                .getToken();
        withToken(alice, token).put(PUT);
        StatusRuntimeException refused = assertThrows(
                StatusRuntimeException.class, () -> withToken(root, "nonsense").put(PUT));
        assertEquals(Status.Code.UNAUTHENTICATED, refused.getStatus().getCode());
        assertEquals(
                "etcdserver: user name is empty",
                gatewayError(authority.issue("root")),
                "the gateway does not lend anybody its client's name");
    }

    private static void allowRootAlone(ManagedChannel channel) {
        auth(channel)
                .userAdd(AuthUserAddRequest.newBuilder()
                        .setName("root")
                        .setPassword("secret")
                        .build());
        auth(channel)
                .userAdd(AuthUserAddRequest.newBuilder()
                        .setName("alice")
                        .setPassword("pass")
                        .build());
        auth(channel).roleAdd(AuthRoleAddRequest.newBuilder().setName("root").build());
        auth(channel)
                .userGrantRole(AuthUserGrantRoleRequest.newBuilder()
                        .setUser("root")
                        .setRole("root")
                        .build());
        auth(channel).authEnable(AuthEnableRequest.getDefaultInstance());
    }

    private static KVGrpc.KVBlockingStub withToken(ManagedChannel channel, String token) {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER), token);
        return kv(channel).withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    private String gatewayError(TlsOptions client) throws Exception {
        String body = http(
                        client,
                        HttpClient.Version.HTTP_1_1,
                        HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + server.clientPort() + "/v3/kv/put"))
                                .POST(HttpRequest.BodyPublishers.ofString("{\"key\":\"aw==\",\"value\":\"dg==\"}")))
                .body();
        return body.replaceAll("(?s).*\"error\":\"([^\"]*)\".*", "$1");
    }

    @Test
    void aServerDoesNotStartWithAKeyOfAnotherCertificate() throws Exception {
        TlsOptions other = authority.issue("other");
        KvServerConfig config = KvServerConfig.builder("n2")
                .clientAddress("127.0.0.1:0")
                .peerAddress("127.0.0.1:0")
                .dataDirectory(directory.resolve("n2"))
                .clientTls(new TlsOptions(serverFiles.certFile(), other.keyFile(), null, false))
                .build();

        KvServerException failure = assertThrows(KvServerException.class, () -> KvServer.start(config));

        assertEquals(KvServerException.Reason.TLS_UNUSABLE, failure.reason());
        assertTrue(String.valueOf(failure.getMessage()).contains("other.key"), failure.getMessage());
    }

    @Test
    void etcdctlPutsGetsAndWatches() throws Exception {
        EtcdctlTest.assumeInstalled();
        TlsOptions alice = authority.issue("alice");
        Process watch = etcdctl(alice, "watch", "greeting");
        try {
            assertEquals("OK\n", output(etcdctl(alice, "put", "greeting", "hello")));
            assertEquals("greeting\nhello\n", output(etcdctl(alice, "get", "greeting")));
            var lines = watch.inputReader(StandardCharsets.UTF_8);
            // The watch may have begun after the first of these.
            TestCluster.await("an event", () -> {
                output(etcdctl(alice, "put", "greeting", "again"));
                return lines.ready() && lines.readLine().equals("PUT");
            });
        } finally {
            watch.destroyForcibly();
        }
    }

    private Process etcdctl(TlsOptions client, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "etcdctl",
                "--endpoints=https://127.0.0.1:" + server.clientPort(),
                "--cacert=" + client.trustedCaFile(),
                "--cert=" + client.certFile(),
                "--key=" + client.keyFile()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("ETCDCTL_API", "3");
        return builder.start();
    }

    private static String output(Process process) throws Exception {
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS), "etcdctl ends");
        return out;
    }
}
