package dev.quorate.raft.transport.netty;

import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.transport.netty.wire.Wire.ConnectionKind;
import dev.quorate.raft.transport.netty.wire.Wire.Header;
import dev.quorate.raft.transport.netty.wire.Wire.Hello;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Opens connections to peers, up to and including the handshake. */
@SuppressWarnings("FutureReturnValueIgnored") // what fails on a channel closes it, and that is heard of
final class Dialler {

    /** What became of a dial: at most one of the two is called, on the event loop that dialled. */
    interface Outcome {

        /** The peer said Welcome. What is returned takes over the connection. */
        FrameHandler welcomed(FrameConnection connection);

        void failed(String cause);
    }

    private final NettyTransportOptions options;
    private final IoThreads io;
    private final PeerTls tls;
    private final PeerLog log;
    /** Waits for name servers, which an event loop must not. */
    private final Executor resolver;

    private final Introductions introductions;

    Dialler(
            NettyTransportOptions options,
            IoThreads io,
            PeerTls tls,
            PeerLog log,
            Executor resolver,
            Introductions introductions) {
        this.introductions = introductions;
        this.options = options;
        this.io = io;
        this.tls = tls;
        this.log = log;
        this.resolver = resolver;
    }

    /** Dials a peer. Any thread. */
    void dial(EventLoop loop, NodeId peer, HostPort address, ConnectionKind kind, Outcome outcome) {
        boolean running = IoThreads.run(loop, () -> {
            try {
                InetSocketAddress literal = address.literal();
                if (literal != null) {
                    connect(loop, literal, peer, kind, outcome);
                } else {
                    resolver.execute(() -> lookUp(loop, peer, address, kind, outcome));
                }
            } catch (UnknownHostException | RejectedExecutionException e) {
                outcome.failed(Causes.of(e));
            }
        });
        if (!running) {
            outcome.failed("this member stops");
        }
    }

    private void lookUp(EventLoop loop, NodeId peer, HostPort address, ConnectionKind kind, Outcome outcome) {
        try {
            InetSocketAddress found = address.lookUp();
            IoThreads.run(loop, () -> connect(loop, found, peer, kind, outcome));
        } catch (UnknownHostException e) {
            IoThreads.run(loop, () -> outcome.failed(Causes.of(e)));
        }
    }

    private void connect(EventLoop loop, InetSocketAddress address, NodeId peer, ConnectionKind kind, Outcome outcome) {
        AwaitWelcome handshake = new AwaitWelcome(peer, kind, outcome);
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .channel(io.socket())
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                        options.connectTimeout().toMillis())
                .option(
                        ChannelOption.WRITE_BUFFER_WATER_MARK,
                        new WriteBufferWaterMark(options.writeBufferBytes() / 2, options.writeBufferBytes()))
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        tls.dial(channel, address);
                        channel.pipeline().addLast(io.traffic(), new FrameConnection(log, handshake));
                    }
                });
        if (io.epoll()) {
            // What sits unsent in the kernel cannot be overtaken either; what is on its way is not limited by this.
            bootstrap.option(EpollChannelOption.TCP_NOTSENT_LOWAT, (long) options.writeBufferBytes());
        }
        ChannelFuture connected = bootstrap.connect(address);
        io.channels().add(connected.channel());
        connected.addListener(done -> {
            if (!done.isSuccess()) {
                outcome.failed(Causes.of(done.cause()));
            }
        });
    }

    /** The dialler's half of the handshake: says Hello and waits for the answer, but not for ever. */
    private final class AwaitWelcome implements FrameHandler {
        private final NodeId peer;
        private final ConnectionKind kind;
        private final Outcome outcome;
        private @Nullable Future<?> timeout;

        AwaitWelcome(NodeId peer, ConnectionKind kind, Outcome outcome) {
            this.peer = peer;
            this.kind = kind;
            this.outcome = outcome;
        }

        @Override
        public void onOpen(FrameConnection connection) {
            connection.sendPreamble();
            connection.send(Frame.of(Header.newBuilder()
                    .setGroupId(options.groupId())
                    .setHello(Hello.newBuilder()
                            .setClusterId(options.clusterId())
                            .setFrom(options.localId().value())
                            .setTo(peer.value())
                            .setFromIdentity(introductions.own())
                            .setToIdentity(introductions.of(peer))
                            .setFromAddress(options.advertisedAddress())
                            .setKind(kind))));
            timeout = connection
                    .channel()
                    .eventLoop()
                    .schedule(
                            () -> connection.close("it does not answer the handshake", false),
                            options.handshakeTimeout().toMillis(),
                            TimeUnit.MILLISECONDS);
        }

        @Override
        public void onFrame(FrameConnection connection, Frame frame) throws MalformedFrameException {
            Header header = frame.header();
            if (header.hasRefusal()) {
                connection.close(
                        "it refused: " + Protocol.printable(header.getRefusal().getReason()), false);
            } else if (header.hasWelcome()) {
                cancelTimeout();
                connection.become(
                        outcome.welcomed(connection), Math.max(options.maxFrameBytes(), Protocol.MAX_HEADER_BYTES));
            } else {
                throw new MalformedFrameException(
                        "it answered the handshake with a frame of kind " + header.getKindCase());
            }
        }

        @Override
        public void onClosed(FrameConnection connection, String cause, boolean violation) {
            cancelTimeout();
            outcome.failed(cause);
        }

        private void cancelTimeout() {
            if (timeout != null) {
                timeout.cancel(false);
            }
        }
    }
}
