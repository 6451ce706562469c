package dev.quorate.kv.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.AuthEnableRequest;
import dev.quorate.kv.api.AuthGrpc;
import dev.quorate.kv.api.AuthRoleAddRequest;
import dev.quorate.kv.api.AuthUserAddRequest;
import dev.quorate.kv.api.AuthUserGrantRoleRequest;
import dev.quorate.kv.api.AuthenticateRequest;
import dev.quorate.kv.api.KVGrpc;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.auth.JwtOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.AbstractBlockingStub;
import io.grpc.stub.MetadataUtils;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens that all members can read, and none remembers. */
final class SignedTokensTest {

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
                AuthGrpc.AuthBlockingStub auth = AuthGrpc.newBlockingStub(first);
                allowRootAlone(auth);
                token = auth.authenticate(AuthenticateRequest.newBuilder()
                                .setName("root")
                                .setPassword("secret")
                                .build())
                        .getToken();
                with(token, KVGrpc.newBlockingStub(first)).put(PUT);
            } finally {
                first.shutdownNow();
            }

            cluster.stop("n1");
            cluster.start("n1");
            cluster.leader();
            ManagedChannel again = channel(cluster);
            try {
                KVGrpc.KVBlockingStub kv = with(token, KVGrpc.newBlockingStub(again));
                kv.put(PUT);

                var unused = with(token, AuthGrpc.newBlockingStub(again))
                        .userAdd(AuthUserAddRequest.newBuilder()
                                .setName("alice")
                                .setPassword("pass")
                                .build());
                assertEquals(
                        "etcdserver: revision of auth store is old",
                        assertThrows(StatusRuntimeException.class, () -> kv.put(PUT))
                                .getStatus()
                                .getDescription());
            } finally {
                again.shutdownNow();
            }
        }
    }

    private static ManagedChannel channel(TestCluster cluster) {
        return NettyChannelBuilder.forAddress("127.0.0.1", cluster.server("n1").clientPort())
                .usePlaintext()
                .build();
    }

    private static void allowRootAlone(AuthGrpc.AuthBlockingStub auth) {
        auth.userAdd(AuthUserAddRequest.newBuilder()
                .setName("root")
                .setPassword("secret")
                .build());
        auth.roleAdd(AuthRoleAddRequest.newBuilder().setName("root").build());
        auth.userGrantRole(AuthUserGrantRoleRequest.newBuilder()
                .setUser("root")
                .setRole("root")
                .build());
        auth.authEnable(AuthEnableRequest.getDefaultInstance());
    }

    private static <S extends AbstractBlockingStub<S>> S with(String token, S stub) {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER), token);
        return stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                .withDeadlineAfter(20, TimeUnit.SECONDS);
    }
}
