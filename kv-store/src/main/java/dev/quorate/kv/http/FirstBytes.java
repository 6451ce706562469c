package dev.quorate.kv.http;

import dev.quorate.raft.transport.netty.tls.ReloadingTls;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.netty.InternalProtocolNegotiationEvent;
import io.grpc.netty.ProtocolNegotiationEvent;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Tells HTTP/2 from HTTP/1.1 by the first bytes of a connection. HTTP/2 begins with {@code PRI * HTTP/2.0} (RFC 9113 §3.4), which
 * no request of HTTP/1.1 does. Then it leaves the pipeline, and costs nothing any more. gRPC closes a connection that does not
 * become HTTP/2 in time, so that one which says nothing ends as well.
 */
final class FirstBytes extends ByteToMessageDecoder {

    private static final byte[] HTTP_2 = "PRI".getBytes(StandardCharsets.US_ASCII);

    private final ChannelHandler grpc;
    private final HttpPort http;
    private final @Nullable ReloadingTls tls;
    /** What gRPC is to be told about the connection. */
    private ProtocolNegotiationEvent negotiated = InternalProtocolNegotiationEvent.getDefault();

    /** @param tls null if the bytes come as they are */
    FirstBytes(ChannelHandler grpc, HttpPort http, @Nullable ReloadingTls tls) {
        this.grpc = grpc;
        this.http = http;
        this.tls = tls;
    }

    /** TLS stands before this handler, which sees what is inside; so it does not matter what was negotiated. */
    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        if (tls != null) {
            ctx.pipeline().addBefore(ctx.name(), null, tls.server().newHandler(ctx.alloc()));
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        if (event instanceof ProtocolNegotiationEvent known) {
            negotiated = known;
        } else if (event instanceof SslHandshakeCompletionEvent handshake && handshake.isSuccess()) {
            SslHandler handler = ctx.pipeline().get(SslHandler.class);
            negotiated = withSession(negotiated, handler.engine().getSession());
        } else {
            super.userEventTriggered(ctx, event);
        }
    }

    private static ProtocolNegotiationEvent withSession(ProtocolNegotiationEvent event, SSLSession session) {
        Attributes attributes = InternalProtocolNegotiationEvent.getAttributes(event).toBuilder()
                .set(Grpc.TRANSPORT_ATTR_SSL_SESSION, session)
                .build();
        return InternalProtocolNegotiationEvent.withAttributes(event, attributes);
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
