package dev.quorate.kv.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.AuthGrpc;
import dev.quorate.kv.api.AuthUserAddRequest;
import dev.quorate.kv.api.AuthUserChangePasswordRequest;
import dev.quorate.kv.api.KVGrpc;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.auth.JwtOptions;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Tokens that all members can read, and none remembers. */
final class SignedTokensTest {

    private static final String OLD = "etcdserver: revision of auth store is old";
    private static final PutRequest PUT = PutRequest.newBuilder()
            .setKey(ByteString.copyFromUtf8("k"))
            .setValue(ByteString.copyFromUtf8("v"))
            .build();

    @Test
    void aTokenOutlivesItsServerAndNotAChangeOfUsers(@TempDir Path root) throws Exception {
        byte[] secret = new byte[32];
        new SecureRandom().nextBytes(secret);
        Path file = Files.write(root.resolve("secret"), secret);
        JwtOptions options = new JwtOptions("HS256", file, null, JwtOptions.DEFAULT_TTL);
        String token;
        try (TestCluster cluster = new TestCluster(root, 1, 100_000).with(config -> config.authTokens(options))) {
            cluster.startAll().leader();
            ManagedChannel first = channel(cluster);
            try {
                RootUser.alone(first);
                token = RootUser.token(first);
                RootUser.with(token, KVGrpc.newBlockingStub(first)).put(PUT);
            } finally {
                first.shutdownNow();
            }

            cluster.stop("n1");
            cluster.start("n1");
            cluster.leader();
            ManagedChannel again = channel(cluster);
            try {
                KVGrpc.KVBlockingStub kv = RootUser.with(token, KVGrpc.newBlockingStub(again));
                AuthGrpc.AuthBlockingStub auth = RootUser.with(token, AuthGrpc.newBlockingStub(again));
                kv.put(PUT);

                addUser(auth, "alice");
                assertEquals(OLD, refusal(() -> kv.put(PUT)));
                addUser(auth, "bob"); // whom root may add as before: nothing of root has changed

                auth.userChangePassword(AuthUserChangePasswordRequest.newBuilder()
                        .setName("root")
                        .setPassword("another")
                        .build());
                assertEquals(OLD, refusal(() -> addUser(auth, "carol")));
            } finally {
                again.shutdownNow();
            }
        }
    }

    private static String refusal(Executable call) {
        return String.valueOf(
                assertThrows(StatusRuntimeException.class, call).getStatus().getDescription());
    }

    private static void addUser(AuthGrpc.AuthBlockingStub auth, String name) {
        var unused = auth.userAdd(AuthUserAddRequest.newBuilder()
                .setName(name)
                .setPassword("pass")
                .build());
    }

    private static ManagedChannel channel(TestCluster cluster) {
        return NettyChannelBuilder.forAddress("127.0.0.1", cluster.server("n1").clientPort())
                .usePlaintext()
                .build();
    }
}
