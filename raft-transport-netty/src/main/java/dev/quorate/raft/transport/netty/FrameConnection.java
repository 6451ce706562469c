package dev.quorate.raft.transport.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One TCP connection as a stream of frames. It reads the other side's preamble, hands each frame to the current {@link
 * FrameHandler}, and ends with one call of {@link FrameHandler#onClosed}, whatever happened.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails on a channel closes it, and that is heard of
final class FrameConnection extends ChannelInboundHandlerAdapter {

    private final PeerLog log;
    private final FrameReader reader = new FrameReader(Protocol.MAX_HANDSHAKE_FRAME_BYTES);
    private final byte[] preamble = new byte[Protocol.PREAMBLE_BYTES];
    private int preambleRead;
    private FrameHandler handler;
    private @Nullable Channel channel;
    private @Nullable String closeCause;
    private boolean violation;
    private String remote = "(not connected)";

    FrameConnection(PeerLog log, FrameHandler first) {
        this.log = log;
        this.handler = first;
    }

    Channel channel() {
        if (channel == null) {
            throw new IllegalStateException("the connection is not open yet");
        }
        return channel;
    }

    /** Where the other side is, for log lines. */
    String remote() {
        return remote;
    }

    /** From the next frame on, {@code next} takes over. On the event loop. */
    void become(FrameHandler next, int maxFrameBytes) {
        handler = next;
        reader.limit(maxFrameBytes);
    }

    /** Closes this connection when nothing arrives for so long: the other host may be gone without a word. */
    void expectTraffic(Duration idleTimeout) {
        channel().pipeline().addFirst(new IdleStateHandler(idleTimeout.toMillis(), 0, 0, TimeUnit.MILLISECONDS));
    }

    /** Writes the preamble that each side sends once, before its first frame. */
    void sendPreamble() {
        channel().write(Unpooled.wrappedBuffer(Protocol.preamble()));
    }

    /** Writes one frame and flushes. Any thread. */
    void send(Frame frame) {
        FrameWriter writer = new FrameWriter(channel().alloc());
        writer.append(frame, FrameWriter.lengthOf(frame));
        writer.writeTo(channel());
        channel().flush();
    }

    /** Sends a last frame and closes. On the event loop. */
    void sendAndClose(Frame last, String cause, boolean isViolation) {
        remember(cause, isViolation);
        send(last);
        channel().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    /** Closes the connection; the first cause is the one that counts. Any thread. */
    void close(String cause, boolean isViolation) {
        Channel open = channel();
        if (open.eventLoop().inEventLoop()) {
            remember(cause, isViolation);
            open.close();
        } else {
            IoThreads.run(open.eventLoop(), () -> close(cause, isViolation));
        }
    }

    private void remember(String cause, boolean isViolation) {
        if (closeCause == null) {
            closeCause = cause;
            violation = isViolation;
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        channel = context.channel();
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        if (context.channel().remoteAddress() instanceof InetSocketAddress address) {
            remote = HostPort.of(address).toString();
        }
        handler.onOpen(this);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            if (closeCause == null && preambleRead < Protocol.PREAMBLE_BYTES) {
                readPreamble(in);
            }
            if (closeCause == null && preambleRead == Protocol.PREAMBLE_BYTES) {
                reader.read(in, this::onFrame);
            }
        } catch (MalformedFrameException e) {
            close(String.valueOf(e.getMessage()), true);
        } finally {
            ReferenceCountUtil.release(in);
        }
    }

    private void readPreamble(ByteBuf in) throws MalformedFrameException {
        int part = Math.min(in.readableBytes(), preamble.length - preambleRead);
        in.readBytes(preamble, preambleRead, part);
        preambleRead += part;
        if (preambleRead < preamble.length) {
            return;
        }
        String fault = Protocol.faultOf(preamble);
        if (fault != null) {
            throw new MalformedFrameException(fault);
        }
        if (Protocol.versionOf(preamble) != Protocol.VERSION) {
            handler.onOtherVersion(this, Protocol.versionOf(preamble));
        }
    }

    private void onFrame(Frame frame) throws MalformedFrameException {
        // What came behind the frame that ended the connection is not looked at.
        if (closeCause == null) {
            handler.onFrame(this, frame);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        handler.onWritabilityChanged(this);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof IdleStateEvent) {
            close("nothing came from it for too long", false);
        } else if (event instanceof SslHandshakeCompletionEvent handshake
                && handshake.cause() instanceof SSLException) {
            close(Causes.of(handshake.cause()), true);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        Throwable said = cause instanceof DecoderException && cause.getCause() instanceof SSLException
                ? cause.getCause() // what came is no TLS, or an alert
                : cause;
        if (!(said instanceof IOException)) {
            log.bug("connection with " + remote() + " failed", said);
        }
        close(Causes.of(said), said instanceof SSLException);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        handler.onClosed(this, closeCause == null ? "the other side closed it" : closeCause, violation);
    }
}
