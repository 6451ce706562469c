package dev.quorate.kv.http;

import dev.quorate.kv.http.Exchange.Request;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection: takes its requests one at a time. What a client sends ahead waits, and no more is read from it, so that a
 * connection never has more in memory than one body and one read.
 */
final class HttpConnection extends SimpleChannelInboundHandler<HttpObject> {

    private static final Logger LOG = LoggerFactory.getLogger(HttpConnection.class);

    private final HttpPort port;
    private final Queue<HttpObject> ahead = new ArrayDeque<>();
    private @Nullable HttpRequest request;
    private ByteArrayOutputStream body = new ByteArrayOutputStream(0);
    private int reserved;
    private @Nullable Exchange current;
    private @Nullable ScheduledFuture<?> patience;
    private boolean isEnding;

    HttpConnection(HttpPort port) {
        this.port = port;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        closeIn(ctx, HttpLimits.IDLE_SECONDS);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HttpObject part) {
        if (isEnding) {
            return;
        }
        if (current != null) {
            ahead.add(ReferenceCountUtil.retain(part));
            ctx.channel().config().setAutoRead(false);
            return;
        }
        take(ctx, part);
    }

    private void take(ChannelHandlerContext ctx, HttpObject part) {
        if (part.decoderResult().isFailure()) {
            refuse(
                    ctx,
                    malformed(part.decoderResult().cause()),
                    "the request is no HTTP/1.1, or its headers are too large");
            return;
        }
        if (part instanceof HttpRequest head && !begin(ctx, head)) {
            return;
        }
        if (part instanceof HttpContent content && !add(ctx, content)) {
            return;
        }
        if (part instanceof LastHttpContent) {
            dispatch(ctx);
        }
    }

    private static HttpResponseStatus malformed(Throwable cause) {
        if (cause instanceof TooLongHttpLineException) {
            return HttpResponseStatus.REQUEST_URI_TOO_LONG;
        }
        return cause instanceof TooLongHttpHeaderException
                ? HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
                : HttpResponseStatus.BAD_REQUEST;
    }

    private boolean begin(ChannelHandlerContext ctx, HttpRequest head) {
        request = head;
        closeIn(ctx, HttpLimits.BODY_SECONDS);
        if (HttpUtil.getContentLength(head, 0L) > HttpLimits.BODY_BYTES) {
            return tooLarge(ctx);
        }
        if (HttpUtil.is100ContinueExpected(head)) {
            var unused = ctx.writeAndFlush(Exchange.goOn());
        }
        return true;
    }

    private boolean add(ChannelHandlerContext ctx, HttpContent content) {
        int bytes = content.content().readableBytes();
        if (body.size() + bytes > HttpLimits.BODY_BYTES) {
            return tooLarge(ctx);
        }
        if (!port.reserve(bytes)) {
            refuse(
                    ctx,
                    HttpResponseStatus.SERVICE_UNAVAILABLE,
                    "the requests under way have more than " + HttpLimits.ALL_BODIES_BYTES + " bytes; try again later");
            return false;
        }
        reserved += bytes;
        try {
            content.content().readBytes(body, bytes);
        } catch (IOException e) {
            throw new IllegalStateException("memory cannot be written", e);
        }
        return true;
    }

    private boolean tooLarge(ChannelHandlerContext ctx) {
        refuse(
                ctx,
                HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
                "the body is larger than " + HttpLimits.BODY_BYTES + " bytes");
        return false;
    }

    private void dispatch(ChannelHandlerContext ctx) {
        HttpRequest head = request;
        if (head == null) {
            return; // the end of what was refused
        }
        stopWaiting();
        QueryStringDecoder uri = new QueryStringDecoder(head.uri());
        Request taken = new Request(
                head.method().name(),
                uri.path(),
                uri.parameters(),
                head.headers().get(HttpHeaderNames.AUTHORIZATION),
                body.toByteArray());
        Exchange exchange = new Exchange(ctx, taken, HttpUtil.isKeepAlive(head), this::ended);
        current = exchange;
        request = null;
        body = new ByteArrayOutputStream(0);
        if (!port.exchanges().tryAcquire()) {
            exchange.isCounted(false);
            exchange.fail(429, "more than " + HttpLimits.EXCHANGES + " requests are under way; try again later");
            return;
        }
        Page page = port.page(taken.path());
        if (page == null) {
            exchange.fail(404, "Not Found");
            return;
        }
        port.threads().execute(() -> exchange.serve(page));
    }

    /** A complaint that ends the connection, because what follows cannot be told from the rest of the request. */
    private void refuse(ChannelHandlerContext ctx, HttpResponseStatus status, String reason) {
        stopWaiting();
        request = null;
        Exchange complaint = new Exchange(ctx, Request.NONE, false, exchange -> {});
        complaint.isCounted(false);
        isEnding = true;
        complaint.fail(status.code(), reason);
    }

    /** On the event loop. */
    private void ended(Exchange exchange) {
        freeBody();
        if (exchange.isCounted()) {
            port.exchanges().release();
        }
        current = null;
        ChannelHandlerContext ctx = exchange.context();
        if (!exchange.keepsAlive() || !ctx.channel().isActive()) {
            isEnding = true;
            return;
        }
        closeIn(ctx, HttpLimits.IDLE_SECONDS);
        HttpObject part = ahead.poll();
        while (part != null) {
            if (!isEnding) {
                take(ctx, part);
            }
            ReferenceCountUtil.release(part);
            part = current == null ? ahead.poll() : null;
        }
        if (ahead.isEmpty()) {
            ctx.channel().config().setAutoRead(true);
        }
    }

    private void freeBody() {
        port.release(reserved);
        reserved = 0;
    }

    private void closeIn(ChannelHandlerContext ctx, int seconds) {
        stopWaiting();
        patience = ctx.executor().schedule(() -> end(ctx), seconds, TimeUnit.SECONDS);
    }

    private static void end(ChannelHandlerContext ctx) {
        var unused = ctx.close();
    }

    private void stopWaiting() {
        if (patience != null) {
            patience.cancel(false);
            patience = null;
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        stopWaiting();
        Exchange exchange = current;
        if (exchange != null) {
            exchange.gone();
        } else {
            freeBody();
        }
        isEnding = true;
        ahead.forEach(ReferenceCountUtil::release);
        ahead.clear();
        super.channelInactive(ctx);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException)) { // a client that went away is nothing to tell
            LOG.warn("a connection of {} ends with an error", ctx.channel().remoteAddress(), cause);
        }
        end(ctx);
    }
}
