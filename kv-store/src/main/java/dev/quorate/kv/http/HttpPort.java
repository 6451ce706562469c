package dev.quorate.kv.http;

import io.grpc.netty.InternalWriteBufferingAndExceptionHandlerUtils;
import io.netty.channel.Channel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** All connections that speak HTTP/1.1, and what they share. */
public final class HttpPort implements AutoCloseable {

    private final Function<String, @Nullable Page> pages;
    private final Executor threads;
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
    private final Semaphore exchanges = new Semaphore(HttpLimits.EXCHANGES);
    private final AtomicLong bodyBytes = new AtomicLong();

    /**
     * @param pages finds what answers a path; null if nothing does
     * @param threads where pages run
     */
    public HttpPort(Function<String, @Nullable Page> pages, Executor threads) {
        this.pages = pages;
        this.threads = threads;
    }

    /** Takes a connection over; its bytes come next. On the connection's event loop. */
    void serve(Channel channel) {
        connections.add(channel);
        InternalWriteBufferingAndExceptionHandlerUtils.writeBufferingAndRemove(channel);
        channel.pipeline()
                .addLast(
                        new HttpServerCodec(new HttpDecoderConfig()
                                .setMaxInitialLineLength(HttpLimits.LINE_BYTES)
                                .setMaxHeaderSize(HttpLimits.HEADER_BYTES)),
                        new HttpConnection(this),
                        new NotForGrpc());
    }

    @Nullable
    Page page(String path) {
        return pages.apply(path);
    }

    Executor threads() {
        return threads;
    }

    Semaphore exchanges() {
        return exchanges;
    }

    /** Makes room for a part of a body; false if there is none. */
    boolean reserve(int bytes) {
        if (bodyBytes.addAndGet(bytes) <= HttpLimits.ALL_BODIES_BYTES) {
            return true;
        }
        bodyBytes.addAndGet(-bytes);
        return false;
    }

    void release(int bytes) {
        bodyBytes.addAndGet(-bytes);
    }

    /** Ends all connections. */
    @Override
    public void close() {
        var unused = connections.close();
    }
}
