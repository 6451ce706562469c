package dev.quorate.kv.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One request and the way back to its client: one answer, or a stream of lines. Its methods may be called from any thread. */
public final class Exchange {

    /** With it a client is told whether a failed request may have been carried out. */
    static final String OUTCOME_HEADER = "Quorate-Outcome";

    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);
    private static final String JSON = "application/json";

    /** @param authorization the header of that name; null if there is none */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Request(
            String method,
            String path,
            Map<String, List<String>> query,
            @Nullable String authorization,
            byte[] body) {

        static final Request NONE = new Request("", "", Map.of(), null, new byte[0]);

        /** The first value of a parameter; null if the request does not have it. */
        @Nullable
        String parameter(String name) {
            List<String> values = query.getOrDefault(name, List.of());
            return values.isEmpty() ? null : values.get(0);
        }
    }

    private final ChannelHandlerContext context;
    private final Request request;
    private final boolean keepsAlive;
    private final Consumer<Exchange> whenEnded;
    private boolean isCounted = true;
    // What follows belongs to the event loop.
    private boolean hasBegun;
    private boolean hasEnded;
    private boolean isGone;
    private @Nullable Runnable whenGone;

    Exchange(ChannelHandlerContext context, Request request, boolean keepsAlive, Consumer<Exchange> whenEnded) {
        this.context = context;
        this.request = request;
        this.keepsAlive = keepsAlive;
        this.whenEnded = whenEnded;
    }

    static FullHttpResponse goOn() {
        return new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER);
    }

    Request request() {
        return request;
    }

    ChannelHandlerContext context() {
        return context;
    }

    boolean keepsAlive() {
        return keepsAlive;
    }

    boolean isCounted() {
        return isCounted;
    }

    void isCounted(boolean value) {
        isCounted = value;
    }

    void serve(Page page) {
        try {
            page.serve(this);
        } catch (RuntimeException e) {
            LOG.error("{} {} failed", request.method(), request.path(), e);
            fail(500, "the request failed: " + e);
        }
    }

    /** An error in the shape of the gateway's errors. */
    void fail(int status, String reason) {
        json(status, Json.error(HttpStatus.grpc(status), reason), null);
    }

    /** Answers with a document. */
    void json(int status, String document, @Nullable String outcome) {
        reply(status, JSON, document, outcome);
    }

    void text(int status, String text) {
        reply(status, "text/plain; charset=utf-8", text, null);
    }

    /** Answers with a document of another type. */
    void reply(int status, String contentType, String text, @Nullable String outcome) {
        reply(status, contentType, text.getBytes(StandardCharsets.UTF_8), outcome);
    }

    /** Answers with a document of another type. */
    void reply(int status, String contentType, byte[] document, @Nullable String outcome) {
        ByteBuf body = Unpooled.wrappedBuffer(document);
        DefaultFullHttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), body);
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, contentType);
        if (outcome != null) {
            response.headers().set(OUTCOME_HEADER, outcome);
        }
        HttpUtil.setContentLength(response, body.readableBytes());
        HttpUtil.setKeepAlive(response, keepsAlive);
        onLoop(() -> {
            if (isOver()) {
                response.release();
                return;
            }
            hasBegun = true;
            end(context.writeAndFlush(response));
        });
    }

    /**
     * Adds a line to a stream of JSON documents, and begins the stream with the first.
     *
     * @param written what to do when the client's side has taken it, on the event loop
     */
    void line(String document, Runnable written) {
        ByteBuf bytes = Unpooled.wrappedBuffer((document + "\n").getBytes(StandardCharsets.UTF_8));
        onLoop(() -> {
            if (isOver()) {
                bytes.release();
                return;
            }
            begin();
            ChannelFuture write = context.writeAndFlush(new DefaultHttpContent(bytes));
            closeIfNotTaken(write);
            write.addListener(done -> {
                if (done.isSuccess()) {
                    written.run();
                }
            });
        });
    }

    private void begin() {
        if (hasBegun) {
            return;
        }
        hasBegun = true;
        HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        head.headers().set(HttpHeaderNames.CONTENT_TYPE, JSON);
        HttpUtil.setTransferEncodingChunked(head, true);
        HttpUtil.setKeepAlive(head, keepsAlive);
        var unused = context.write(head);
    }

    /** Ends a stream, with a last line that says why if it failed. */
    void endStream(int status, @Nullable String lastLine) {
        onLoop(() -> {
            if (isOver()) {
                return;
            }
            if (!hasBegun && lastLine != null) {
                json(status, lastLine, null);
                return;
            }
            begin();
            if (lastLine != null) {
                byte[] bytes = (lastLine + "\n").getBytes(StandardCharsets.UTF_8);
                var unused = context.write(new DefaultHttpContent(Unpooled.wrappedBuffer(bytes)));
            }
            end(context.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT));
        });
    }

    /** What to do when the client has gone before its answer was complete; at once if it has. */
    void whenGone(Runnable action) {
        onLoop(() -> {
            if (isGone) {
                action.run();
            } else {
                whenGone = action;
            }
        });
    }

    /** The connection is closed. On the event loop. */
    void gone() {
        if (hasEnded) {
            return;
        }
        isGone = true;
        Runnable action = whenGone;
        if (action != null) {
            action.run();
        }
        whenEnded.accept(this);
    }

    private boolean isOver() {
        return isGone || hasEnded;
    }

    private void end(ChannelFuture lastWrite) {
        hasEnded = true;
        closeIfNotTaken(lastWrite);
        if (!keepsAlive) {
            lastWrite.addListener(ChannelFutureListener.CLOSE);
        }
        // Only when it is taken: a client that reads nothing must not have a second answer made for it.
        lastWrite.addListener(done -> whenEnded.accept(this));
    }

    /** A client that takes nothing for long holds memory for nothing. */
    private void closeIfNotTaken(ChannelFuture write) {
        if (!write.isDone()) {
            var timer = context.executor().schedule(this::close, HttpLimits.WRITE_SECONDS, TimeUnit.SECONDS);
            write.addListener(done -> timer.cancel(false));
        }
    }

    private void close() {
        var unused = context.close();
    }

    private void onLoop(Runnable action) {
        if (context.executor().inEventLoop()) {
            action.run();
        } else {
            context.executor().execute(action);
        }
    }
}
