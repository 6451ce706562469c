package dev.quorate.kv.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpObject;
import io.netty.util.ReferenceCountUtil;

/**
 * gRPC opened this connection, and does not know that it was handed over. What it asks of it, to end because no HTTP/2 was heard in
 * time, is not done: the limits of {@link HttpLimits} hold here.
 */
final class NotForGrpc extends ChannelOutboundHandlerAdapter {

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof HttpObject) {
            var unused = ctx.write(message, promise);
        } else {
            ReferenceCountUtil.release(message);
            promise.setSuccess();
        }
    }
}
