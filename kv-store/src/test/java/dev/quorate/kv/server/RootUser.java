package dev.quorate.kv.server;

import dev.quorate.kv.api.AuthEnableRequest;
import dev.quorate.kv.api.AuthGrpc;
import dev.quorate.kv.api.AuthRoleAddRequest;
import dev.quorate.kv.api.AuthUserAddRequest;
import dev.quorate.kv.api.AuthUserGrantRoleRequest;
import dev.quorate.kv.api.AuthenticateRequest;
import io.grpc.Channel;
import io.grpc.Metadata;
import io.grpc.stub.AbstractBlockingStub;
import io.grpc.stub.MetadataUtils;
import java.util.concurrent.TimeUnit;

/** The user root, whose password is "secret". */
final class RootUser {

    private static final Metadata.Key<String> TOKEN = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);
    private static final long DEADLINE_SECONDS = 20;

    private RootUser() {}

    /** Permissions are in force from here on, and nobody but root has any. */
    static void alone(Channel channel) {
        AuthGrpc.AuthBlockingStub auth =
                AuthGrpc.newBlockingStub(channel).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
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

    static String token(Channel channel) {
        return AuthGrpc.newBlockingStub(channel)
                .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                .authenticate(AuthenticateRequest.newBuilder()
                        .setName("root")
                        .setPassword("secret")
                        .build())
                .getToken();
    }

    /** What shows this token with every call. */
    static <S extends AbstractBlockingStub<S>> S with(String token, S stub) {
        Metadata headers = new Metadata();
        headers.put(TOKEN, token);
        return stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }
}
