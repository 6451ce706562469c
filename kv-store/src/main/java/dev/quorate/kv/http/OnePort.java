package dev.quorate.kv.http;

import dev.quorate.raft.transport.netty.tls.ReloadingTls;
import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.InternalProtocolNegotiators;
import io.netty.channel.ChannelHandler;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/** Begins each connection to the client port: looks who speaks, and hands the connection to gRPC or to HTTP/1.1. */
public final class OnePort implements InternalProtocolNegotiator.ProtocolNegotiator {

    private final HttpPort http;
    private final @Nullable ReloadingTls tls;

    /** @param tls null for a port without */
    public OnePort(HttpPort http, @Nullable ReloadingTls tls) {
        this.http = http;
        this.tls = tls;
    }

    @Override
    public AsciiString scheme() {
        return AsciiString.of(tls == null ? "http" : "https");
    }

    @Override
    public ChannelHandler newHandler(GrpcHttp2ConnectionHandler grpc) {
        return new FirstBytes(InternalProtocolNegotiators.grpcNegotiationHandler(grpc), http, tls);
    }

    @Override
    public void close() {}
}
