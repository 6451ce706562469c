package dev.quorate.raft.transport.netty;

import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import dev.quorate.raft.runtime.Transport;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Transport} over TCP. The package says how it works; {@link NettyTransportOptions} has its limits.
 *
 * <p>Addresses are {@code host:port}. Messages that were sent while a peer has no connection, or a full queue, are dropped,
 * and the listener hears that the peer is unreachable, at most every 50 ms. Connections come back by themselves.
 */
public final class NettyTransport implements Transport {

    private static final long CLOSE_SECONDS = 5;

    private final NettyTransportOptions options;
    private final PeerLog log;
    private Map<NodeId, HostPort> addresses = Map.of();
    private volatile Map<NodeId, PeerLink> links = Map.of();
    private volatile @Nullable Running running;
    private boolean introduced;
    private boolean closed;

    /** What exists from start to close. */
    private record Running(
            IoThreads io,
            ThreadPoolExecutor resolver,
            Callbacks callbacks,
            Acceptor acceptor,
            Dialler dialler,
            SnapshotService snapshots,
            InetSocketAddress boundAddress) {}

    private NettyTransport(NettyTransportOptions options) {
        this.options = options;
        this.log = new PeerLog(options.localId());
    }

    /** A transport that does nothing before {@link #start}. */
    public static NettyTransport create(NettyTransportOptions options) {
        return new NettyTransport(options);
    }

    /** The transport of the only group of a process, with the defaults; see {@link NettyTransportOptions#of(String, NodeId, Membership)}. */
    public static NettyTransport create(String clusterName, NodeId localId, Membership members) {
        return create(NettyTransportOptions.of(clusterName, localId, members));
    }

    /**
     * {@inheritDoc}
     *
     * @throws java.net.BindException if the listen port is taken, in one line that says what to do
     * @throws IOException if the listen address cannot be had for another reason, in one line too; the transport is closed
     *     in either case
     */
    @Override
    public synchronized void start(Listener listener) throws IOException {
        if (running != null || closed) {
            throw new IllegalStateException("the transport of " + options.localId() + " can be started once");
        }
        IoThreads io = IoThreads.start(options);
        ThreadPoolExecutor resolver = resolver();
        Callbacks callbacks = new Callbacks(listener, log);
        Dialler dialler = new Dialler(options, io, log, resolver);
        Acceptor acceptor = new Acceptor(options, io, log);
        SnapshotService snapshots = new SnapshotService(options, log, callbacks);
        Reception reception = reception(acceptor, callbacks, snapshots);
        InetSocketAddress bound;
        try {
            bound = acceptor.listen(reception);
        } catch (IOException e) {
            closed = true;
            resolver.shutdownNow();
            io.stop().awaitUninterruptibly();
            throw e;
        }
        running = new Running(io, resolver, callbacks, acceptor, dialler, snapshots, bound);
        log.state("listens for peers on " + HostPort.of(bound) + (io.epoll() ? " (epoll)" : " (nio)"));
        connect();
    }

    /** Where this member listens: with the port that was chosen, if port 0 was asked for. Only after {@link #start}. */
    public InetSocketAddress boundAddress() {
        Running now = running;
        if (now == null) {
            throw new IllegalStateException("the transport of " + options.localId() + " is not started");
        }
        return now.boundAddress();
    }

    /**
     * {@inheritDoc}
     *
     * <p>Who is not named here is refused at the door; before the first call nobody is let in. This member itself may be named, and is passed over. An address that
     * is not of the form {@code host:port} is logged, and its member can then connect to this one, but not be reached.
     */
    @Override
    public synchronized void setPeers(Map<NodeId, String> newAddresses) {
        Map<NodeId, HostPort> parsed = new HashMap<>();
        newAddresses.forEach((peer, address) -> {
            if (peer.equals(options.localId())) {
                return;
            }
            try {
                parsed.put(peer, HostPort.parse(address));
            } catch (IllegalArgumentException e) {
                parsed.put(peer, HostPort.NOWHERE);
                log.warn("peer " + peer + " cannot be reached: " + e.getMessage());
            }
        });
        if (!introduced || !parsed.equals(addresses)) {
            introduced = true;
            addresses = Map.copyOf(parsed);
            connect();
        }
    }

    /** Makes the links those that {@code addresses} asks for, once there are any and the transport runs. */
    private void connect() {
        Running now = running;
        if (now == null || closed || !introduced) {
            return;
        }
        Map<NodeId, PeerLink> before = links;
        Map<NodeId, PeerLink> after = new HashMap<>();
        addresses.forEach((peer, address) -> {
            PeerLink link = before.get(peer);
            if (link == null || !link.address().equals(address)) {
                link = new PeerLink(
                        peer, address, now.io().group().next(), now.dialler(), now.callbacks(), log, options);
            }
            after.put(peer, link);
        });
        links = Map.copyOf(after);
        before.forEach((peer, link) -> {
            if (after.get(peer) != link) {
                link.close(peer + " moved or is no peer any more");
            }
        });
        after.forEach((peer, link) -> {
            if (before.get(peer) != link) {
                link.start();
            }
        });
        now.acceptor().dismissAllBut(after::containsKey);
        now.acceptor().admit();
    }

    /** @throws IllegalArgumentException if a message is not from this member: a fault of the caller */
    @Override
    public void send(List<Message> messages) {
        Map<NodeId, PeerLink> now = links;
        for (Message message : messages) {
            if (!message.from().equals(options.localId())) {
                throw new IllegalArgumentException(
                        "a message from " + message.from() + " cannot leave through " + options.localId());
            }
            PeerLink link = now.get(message.to());
            if (link != null) {
                link.offer(message);
            }
        }
        for (PeerLink link : now.values()) {
            link.wake();
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>The directory is made if it is missing. A connection that is lost on the way is dialled again, and the transfer goes
     * on with the file that it was in. The future completes on a thread that may block, after the files and their names are
     * synced to disk.
     */
    @Override
    public CompletableFuture<Void> fetchSnapshot(NodeId from, SnapshotMeta snapshot, Path directory) {
        Running now = running;
        PeerLink link = links.get(from);
        if (now == null || link == null) {
            return CompletableFuture.failedFuture(new IOException("the snapshot at " + snapshot.lastIncluded()
                    + " cannot be fetched from " + from + ": " + options.localId()
                    + (now == null ? " is not running" : " knows no address of it")));
        }
        return now.snapshots()
                .fetch(
                        from,
                        link.address(),
                        snapshot,
                        directory,
                        now.dialler(),
                        now.io().group().next());
    }

    /**
     * Closes everything, once; fetches fail. The listener hears nothing more after this has returned. Waits some seconds at
     * most for the transport's threads, and not at all when one of them calls.
     */
    @Override
    public void close() {
        Running now;
        Map<NodeId, PeerLink> before;
        synchronized (this) {
            closed = true;
            now = running;
            running = null;
            before = links;
            links = Map.of();
        }
        if (now == null) {
            return;
        }
        now.callbacks().close();
        before.values().forEach(link -> link.close("this member stops"));
        now.resolver().shutdownNow();
        now.snapshots().shutDown();
        Future<?> stopped = now.io().stop();
        if (now.io().isCurrentThread()) {
            return;
        }
        try {
            now.snapshots().await();
            if (!stopped.await(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                log.warn("its event loops did not stop within " + CLOSE_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Reception reception(Acceptor acceptor, Callbacks callbacks, SnapshotService snapshots) {
        return new Reception() {
            @Override
            public boolean isPeer(NodeId id) {
                return links.containsKey(id);
            }

            @Override
            public FrameHandler receiveMessages(NodeId from, FrameConnection connection) {
                connection.expectTraffic(options.idleTimeout());
                acceptor.register(from, connection);
                PeerLink link = links.get(from);
                if (link != null) {
                    // Who dials is alive: do not let it wait for this side's next try.
                    link.dialNow();
                } else {
                    connection.close(from + " is no peer any more", false);
                }
                return new InboundMessages(from, options, acceptor, callbacks, log);
            }

            @Override
            public FrameHandler serveSnapshot(NodeId to, FrameConnection connection) {
                return snapshots.serve(to, connection);
            }
        };
    }

    private ThreadPoolExecutor resolver() {
        ThreadPoolExecutor executor = new ThreadPoolExecutor(
                1,
                1,
                CLOSE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                new DefaultThreadFactory("raft-" + options.localId() + "-resolver", true));
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }
}
