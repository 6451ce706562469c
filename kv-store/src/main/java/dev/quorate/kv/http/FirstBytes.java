package dev.quorate.kv.http;

import io.grpc.netty.InternalProtocolNegotiationEvent;
import io.grpc.netty.ProtocolNegotiationEvent;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Tells HTTP/2 from HTTP/1.1 by the first bytes of a connection. HTTP/2 begins with {@code PRI * HTTP/2.0} (RFC 9113 §3.4), which
 * no request of HTTP/1.1 does. Then it leaves the pipeline, and costs nothing any more. gRPC closes a connection that does not
 * become HTTP/2 in time, so that one which says nothing ends as well.
 */
final class FirstBytes extends ByteToMessageDecoder {

    private static final byte[] HTTP_2 = "PRI".getBytes(StandardCharsets.US_ASCII);

    private final ChannelHandler grpc;
    private final HttpPort http;
    /** What gRPC is to be told about the connection. */
    private ProtocolNegotiationEvent negotiated = InternalProtocolNegotiationEvent.getDefault();

    FirstBytes(ChannelHandler grpc, HttpPort http) {
        this.grpc = grpc;
        this.http = http;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        if (event instanceof ProtocolNegotiationEvent known) {
            negotiated = known;
        } else {
            super.userEventTriggered(ctx, event);
        }
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        for (int i = 0; i < HTTP_2.length; i++) {
            if (in.readableBytes() <= i) {
                return;
            }
            if (in.getByte(in.readerIndex() + i) != HTTP_2[i]) {
                http.serve(ctx.channel());
                ctx.pipeline().remove(this); // which passes the bytes on
                return;
            }
        }
        ctx.pipeline().addAfter(ctx.name(), null, grpc);
        ctx.fireUserEventTriggered(negotiated);
        ctx.pipeline().remove(this);
    }
}
