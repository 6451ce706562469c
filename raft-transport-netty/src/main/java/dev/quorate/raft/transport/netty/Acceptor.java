package dev.quorate.raft.transport.netty;

import dev.quorate.raft.model.NodeId;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Listens, and knows the message connections that peers have open here. A peer has one; a newer one replaces it, because
 * the older may be dead without a word.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails on a channel closes it, and that is heard of
final class Acceptor {

    private final NettyTransportOptions options;
    private final IoThreads io;
    private final PeerTls tls;
    private final PeerLog log;
    private final AtomicInteger open = new AtomicInteger();
    private final Map<NodeId, FrameConnection> fromPeers = new ConcurrentHashMap<>();
    private @Nullable Channel server;

    Acceptor(NettyTransportOptions options, IoThreads io, PeerTls tls, PeerLog log) {
        this.options = options;
        this.io = io;
        this.tls = tls;
        this.log = log;
    }

    /**
     * Begins to listen. Who connects waits in the operating system until {@link #admit}.
     *
     * @param reception what each new connection is told by whom
     * @return where; the port is the one that was chosen
     * @throws BindException if the port is taken: one line that says what to do
     * @throws IOException if the address cannot be had for another reason: one line too
     */
    InetSocketAddress listen(Reception reception) throws IOException {
        HostPort address = HostPort.parse(options.listenAddress());
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(io.group())
                .channel(io.serverSocket())
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(
                        ChannelOption.WRITE_BUFFER_WATER_MARK,
                        new WriteBufferWaterMark(options.writeBufferBytes() / 2, options.writeBufferBytes()))
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        accept(channel, reception);
                    }
                });
        InetSocketAddress found;
        try {
            found = address.lookUp();
        } catch (UnknownHostException e) {
            throw new IOException("peer address " + address + " has a host that nobody knows; choose another", e);
        }
        ChannelFuture bound = bootstrap.bind(found).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw explained(address, bound.cause());
        }
        io.channels().add(bound.channel());
        server = bound.channel();
        return (InetSocketAddress) bound.channel().localAddress();
    }

    /** From now on lets connections in: it is known who belongs here. */
    void admit() {
        if (server != null) {
            server.config().setAutoRead(true);
        }
    }

    private static IOException explained(HostPort address, Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        String lower = message.toLowerCase(Locale.ROOT);
        if (lower.contains("in use")) {
            BindException taken = new BindException(
                    "peer port " + address + " is taken by another process; choose another peer address, or stop it");
            taken.initCause(cause);
            return taken;
        }
        if (lower.contains("cannot assign") || lower.contains("can't assign")) {
            return new IOException(
                    "peer address " + address + " is not an address of this host; choose one that is, or 0.0.0.0",
                    cause);
        }
        return new IOException("cannot listen on peer address " + address + ": " + message, cause);
    }

    private void accept(SocketChannel channel, Reception reception) {
        if (open.incrementAndGet() > options.maxInboundConnections()) {
            open.decrementAndGet();
            log.stranger("refused a connection from " + channel.remoteAddress() + ": the limit of "
                    + options.maxInboundConnections() + " inbound connections is reached");
            channel.close();
            return;
        }
        channel.closeFuture().addListener(closed -> open.decrementAndGet());
        io.channels().add(channel);
        tls.accept(channel);
        channel.pipeline().addLast(io.traffic(), new FrameConnection(log, new AwaitHello(reception, options, log)));
    }

    /** This is the peer's message connection now, and no other. */
    void register(NodeId peer, FrameConnection connection) {
        FrameConnection older = fromPeers.put(peer, connection);
        if (older != null) {
            older.close(peer + " opened a newer one", false);
        }
    }

    void unregister(NodeId peer, FrameConnection connection) {
        fromPeers.remove(peer, connection);
    }

    boolean hasConnectionFrom(NodeId peer) {
        return fromPeers.containsKey(peer);
    }

    /** Closes the connections of everybody who is no peer any more. */
    void dismissAllBut(Predicate<NodeId> isPeer) {
        fromPeers.forEach((peer, connection) -> {
            if (!isPeer.test(peer)) {
                connection.close(peer + " is no peer any more", false);
            }
        });
    }
}
