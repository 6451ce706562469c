package dev.quorate.kv.http;

import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.InternalProtocolNegotiators;
import io.netty.channel.ChannelHandler;
import io.netty.util.AsciiString;

/** Begins each connection to the client port: looks who speaks, and hands the connection to gRPC or to HTTP/1.1. */
public final class OnePort implements InternalProtocolNegotiator.ProtocolNegotiator {

    private static final AsciiString SCHEME = AsciiString.of("http");

    private final HttpPort http;

    public OnePort(HttpPort http) {
        this.http = http;
    }

    @Override
    public AsciiString scheme() {
        return SCHEME;
    }

    @Override
    public ChannelHandler newHandler(GrpcHttp2ConnectionHandler grpc) {
        return new FirstBytes(InternalProtocolNegotiators.grpcNegotiationHandler(grpc), http);
    }

    @Override
    public void close() {}
}
