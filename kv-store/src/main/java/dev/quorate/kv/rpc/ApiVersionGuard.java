package dev.quorate.kv.rpc;

import dev.quorate.kv.auth.Caller;
import dev.quorate.kv.mvcc.KvError;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/**
 * Clients of etcd say in a header which version of its API they were made for. Nothing depends on it, but as in etcd one that is no
 * text is refused; here text is ASCII, as gRPC has it for headers.
 */
final class ApiVersionGuard implements ServerInterceptor {

    private static final Metadata.Key<String> VERSION =
            Metadata.Key.of("client-api-version", Metadata.ASCII_STRING_MARSHALLER);

    /** What stands in a decoded header for each byte that is not ASCII. */
    private static final char NO_CHARACTER = '\uFFFD';

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        String version = headers.get(VERSION);
        if (version != null && version.indexOf(NO_CHARACTER) >= 0) {
            new Answer<>(call, Caller.NOBODY).refuse(KvError.INVALID_API_VERSION);
            return new ServerCall.Listener<>() {};
        }
        return next.startCall(call, headers);
    }
}
