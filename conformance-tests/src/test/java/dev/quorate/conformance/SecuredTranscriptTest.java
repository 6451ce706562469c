package dev.quorate.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import dev.quorate.kv.api.AuthGrpc;
import dev.quorate.kv.api.AuthUserGrantRoleRequest;
import dev.quorate.kv.api.AuthUserListRequest;
import dev.quorate.kv.api.AuthenticateRequest;
import dev.quorate.kv.api.KVGrpc;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.RangeRequest;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.AbstractBlockingStub;
import io.grpc.stub.MetadataUtils;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same conversation with three secured nodes of etcd and with three of ours: TLS with certificates on both sides of both ports, users
 * by the common names of their certificates, and signed tokens.
 */
final class SecuredTranscriptTest {

    private static final Metadata.Key<String> TOKEN = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);
    private static final long PATIENCE_SECONDS = 30;

    @TempDir
    private Path directory;

    /** What one cluster says. */
    private final class Run {
        private final Cluster cluster;
        private final Security security;
        private final StringBuilder transcript = new StringBuilder();

        Run(Cluster cluster, Security security) {
            this.cluster = cluster;
            this.security = security;
        }

        private EtcdctlConversation as(String commonName) throws Exception {
            return new EtcdctlConversation(cluster.endpoints(), directory, security.flags(commonName));
        }

        private void end(String who, EtcdctlConversation conversation) {
            transcript.append("# ").append(who).append('\n').append(conversation.transcript());
        }

        /** How the call ends. */
        private void call(String what, Supplier<?> call) {
            String answer = "OK";
            try {
                Object unused = call.get();
            } catch (StatusRuntimeException e) {
                Status status = e.getStatus();
                answer = status.getCode() + " " + status.getDescription();
            }
            transcript.append(what).append(" -> ").append(answer).append('\n');
        }

        void users() throws Exception {
            EtcdctlConversation root = as("root");
            root.type("user", "add", "root:rootpw");
            root.type("role", "add", "root");
            root.type("user", "grant-role", "root", "root");
            root.type("user", "add", "alice:alicepw");
            root.type("role", "add", "readers");
            root.type("role", "grant-permission", "readers", "read", "p/", "--prefix=true");
            root.type("user", "grant-role", "alice", "readers");
            root.type("put", "p/a", "before");
            root.type("auth", "enable");
            root.type("put", "p/a", "1");
            root.type("user", "list");
            root.type("get", "p/a", "--user=alice:alicepw");
            root.type("put", "p/a", "2", "--user=alice:alicepw");
            end("root's certificate", root);

            EtcdctlConversation alice = as("alice");
            alice.type("get", "p/a");
            alice.type("get", "q");
            alice.type("put", "p/a", "3");
            alice.type("user", "list");
            alice.type("lease", "grant", "600");
            alice.type("member", "remove", "1234");
            alice.type("put", "p/a", "4", "--user=root:rootpw");
            alice.type("get", "p/a", "--user=alice:wrong");
            alice.type("get", "p/a", "--user=bob:x");
            end("alice's certificate", alice);

            EtcdctlConversation stranger = as("stranger");
            stranger.type("get", "p/a");
            stranger.type("put", "p/a", "5");
            stranger.type("get", "p/a", "--user=alice:alicepw");
            stranger.type("user", "list");
            end("the certificate of somebody who is no user", stranger);
        }

        void tokens() throws Exception {
            ManagedChannel alice = Cluster.dial(cluster.endpoints().get(0), security, "alice");
            ManagedChannel elsewhere = Cluster.dial(cluster.endpoints().get(2), security, "alice");
            try {
                String token = token(alice, "root", "rootpw");
                String[] parts = token.split("\\.", -1);
                String header = new String(Base64.getUrlDecoder().decode(parts[0]), StandardCharsets.UTF_8);
                transcript
                        .append(new TreeMap<>(
                                JsonParser.parseString(header).getAsJsonObject().asMap()))
                        .append('\n');
                call("a put with root's token", () -> put(alice, token));
                call("a put with it at another member", () -> put(elsewhere, token));
                call("the users with it", () -> users(elsewhere, token));

                call("a read with no token of a form", () -> get(alice, "abc"));
                call("a read with a simple token", () -> get(alice, "AbCdEfGhIjKlMnOp.12"));
                call("a read with the token cut off", () -> get(alice, parts[0] + "." + parts[1] + "."));
                call(
                        "a read with another method",
                        () -> get(alice, encoded("{\"alg\":\"none\",\"typ\":\"JWT\"}") + "." + parts[1] + "."));
                call(
                        "a read with other claims",
                        () -> get(alice, parts[0] + "." + encoded("{\"username\":\"root\"}") + "." + parts[2]));

                String old = token(alice, "alice", "alicepw");
                call("a read with alice's token", () -> get(alice, old));
                with(token, AuthGrpc.newBlockingStub(alice))
                        .userGrantRole(AuthUserGrantRoleRequest.newBuilder()
                                .setUser("alice")
                                .setRole("root")
                                .build());
                call("a read with a token from before a change", () -> get(alice, old));
                call("a put with a token from before a change", () -> put(alice, old));
                call("the users with root's token from before a change of somebody else", () -> users(alice, token));
                call("a put with root's token from before a change of somebody else", () -> put(alice, token));
                String young = token(alice, "alice", "alicepw");
                call("a put with alice's new token", () -> put(alice, young));
            } finally {
                alice.shutdownNow();
                elsewhere.shutdownNow();
            }
        }

        private static String encoded(String text) {
            return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
        }

        private static String token(ManagedChannel at, String user, String password) {
            return AuthGrpc.newBlockingStub(at)
                    .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .authenticate(AuthenticateRequest.newBuilder()
                            .setName(user)
                            .setPassword(password)
                            .build())
                    .getToken();
        }

        private static Object put(ManagedChannel at, String token) {
            return with(token, KVGrpc.newBlockingStub(at))
                    .put(PutRequest.newBuilder()
                            .setKey(ByteString.copyFromUtf8("t"))
                            .build());
        }

        private static Object get(ManagedChannel at, String token) {
            return with(token, KVGrpc.newBlockingStub(at))
                    .range(RangeRequest.newBuilder()
                            .setKey(ByteString.copyFromUtf8("p/a"))
                            .build());
        }

        private static Object users(ManagedChannel at, String token) {
            return with(token, AuthGrpc.newBlockingStub(at)).userList(AuthUserListRequest.getDefaultInstance());
        }

        private static <S extends AbstractBlockingStub<S>> S with(String token, S stub) {
            Metadata headers = new Metadata();
            headers.put(TOKEN, token);
            return stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                    .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    private String converse(Server server, Security security) throws Exception {
        try (Cluster cluster = server.start(security)) {
            Run run = new Run(cluster, security);
            run.users();
            run.tokens();
            return run.transcript.toString();
        }
    }

    @Test
    void clientsWithCertificatesAndSignedTokensCannotTellUsFromEtcd() throws Exception {
        String noServer = Server.ETCD.whyNot();
        assumeTrue(noServer == null, noServer);
        String noClient = EtcdctlConversation.whyNot();
        assumeTrue(noClient == null, noClient);
        Security security = Security.create(directory);

        String etcds = converse(Server.ETCD, security);
        String ours = converse(Server.QUORATE, security);

        assertTrue(etcds.contains("a put with root's token -> OK"), etcds);
        assertEquals(etcds, ours);
    }
}
