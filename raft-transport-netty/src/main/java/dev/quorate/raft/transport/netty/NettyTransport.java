package dev.quorate.raft.transport.netty;

import dev.quorate.raft.model.Member;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import dev.quorate.raft.runtime.Transport;
import dev.quorate.raft.transport.netty.wire.Wire.Hello;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
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

    /** A change brings a few members at once; more strangers than that are not let in. */
    private static final int MAX_GUESTS = 64;

    private final NettyTransportOptions options;
    private final PeerLog log;
    private Map<NodeId, HostPort> addresses = Map.of();
    /** Who came without being known, and can be dialled: they may know of a membership that this member has not heard of. */
    private final Map<NodeId, HostPort> guests = new HashMap<>();

    private volatile Map<NodeId, Long> identities = Map.of();
    private volatile Map<NodeId, PeerLink> links = Map.of();
    private volatile @Nullable Running running;
    private RoundTrips roundTrips = (peer, nanos) -> {};
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
     * @throws IOException if the listen address cannot be had for another reason, or a file of TLS cannot be used, in one line too; the transport is closed
     *     in either case
     */
    @Override
    public synchronized void start(Listener listener) throws IOException {
        if (running != null || closed) {
            throw new IllegalStateException("the transport of " + options.localId() + " can be started once");
        }
        PeerTls tls = PeerTls.load(options); // before there is anything to close
        IoThreads io = IoThreads.start(options);
        ThreadPoolExecutor resolver = resolver();
        Callbacks callbacks = new Callbacks(listener, log);
        Introductions introductions = introductions(listener);
        Dialler dialler = new Dialler(options, io, tls, log, resolver, introductions);
        Acceptor acceptor = new Acceptor(options, io, tls, log);
        SnapshotService snapshots = new SnapshotService(options, log, callbacks);
        Reception reception = reception(acceptor, callbacks, snapshots, introductions);
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

    /**
     * Has round trips to peers timed from {@link #start} on.
     *
     * @param told on an event loop, so it must not block
     * @throws IllegalStateException if it is started already
     */
    public synchronized void timeRoundTrips(RoundTrips told) {
        if (running != null || closed) {
            throw new IllegalStateException(
                    "round trips of " + options.localId() + " are timed from the start or not at all");
        }
        roundTrips = told;
    }

    /** Bytes that came from other members since {@link #start}, snapshots too, and without what TLS adds. Any thread. */
    public long receivedBytes() {
        Running now = running;
        return now == null ? 0 : now.io().traffic().receivedBytes();
    }

    /** The same, of what left for other members. */
    public long sentBytes() {
        Running now = running;
        return now == null ? 0 : now.io().traffic().sentBytes();
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

    /** {@inheritDoc} A peer that says at the door that it has another disk than its member is refused, and told what to do. */
    @Override
    public synchronized void setMembers(Map<NodeId, Member> peers) {
        Map<NodeId, Long> known = new HashMap<>();
        peers.forEach((id, member) -> known.put(id, member.identity()));
        identities = Map.copyOf(known);
        Transport.super.setMembers(peers);
    }

    private Introductions introductions(Listener listener) {
        return new Introductions() {
            @Override
            public long own() {
                return listener.identity();
            }

            @Override
            public long of(NodeId peer) {
                return identities.getOrDefault(peer, 0L);
            }
        };
    }

    /** Returns false if there is no place for one more. */
    private synchronized boolean admitGuest(NodeId id, HostPort address) {
        if (guests.size() >= MAX_GUESTS && !guests.containsKey(id)) {
            return false;
        }
        guests.put(id, address);
        connect();
        return true;
    }

    private synchronized void guestLeft(NodeId id) {
        Running now = running;
        if (now != null && !now.acceptor().hasConnectionFrom(id) && guests.remove(id) != null) {
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
        guests.keySet().removeAll(addresses.keySet());
        Map<NodeId, HostPort> wanted = new HashMap<>(guests);
        wanted.putAll(addresses);
        wanted.forEach((peer, address) -> {
            PeerLink link = before.get(peer);
            if (link == null || !link.address().equals(address)) {
                link = new PeerLink(
                        peer,
                        address,
                        now.io().group().next(),
                        now.dialler(),
                        now.callbacks(),
                        roundTrips,
                        log,
                        options);
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
     * <p>A connection that is lost on the way is dialled again, unless several in a row bring nothing. The receiver is called,
     * and the future completes, on a thread that may block.
     */
    @Override
    public CompletableFuture<Void> fetchSnapshot(NodeId from, SnapshotMeta snapshot, SnapshotReceiver receiver) {
        Running now = running;
        HostPort address = addressOf(from, snapshot);
        if (now == null || address == null) {
            return CompletableFuture.failedFuture(new IOException("the snapshot at " + snapshot.lastIncluded()
                    + " cannot be fetched from " + from + ": " + options.localId()
                    + (now == null ? " is not running" : " knows no address of it")));
        }
        return now.snapshots()
                .fetch(
                        from,
                        address,
                        snapshot,
                        receiver,
                        now.dialler(),
                        now.io().group().next());
    }

    /** A member that joins knows nobody yet but who has dialled it; the snapshot says where the others are. */
    private @Nullable HostPort addressOf(NodeId peer, SnapshotMeta snapshot) {
        PeerLink link = links.get(peer);
        if (link != null) {
            return link.address();
        }
        String address = snapshot.membership().member(peer).address();
        return isDiallable(address) ? HostPort.parse(address) : null;
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

    private Reception reception(
            Acceptor acceptor, Callbacks callbacks, SnapshotService snapshots, Introductions introductions) {
        return new Reception() {
            @Override
            public @Nullable String faultOf(NodeId from, Hello hello) {
                if (differ(hello.getToIdentity(), introductions.own())) {
                    String what = Introductions.forgetful(options.localId());
                    log.stranger(from + " knows this member by another data directory: " + what);
                    return what;
                }
                if (differ(hello.getFromIdentity(), introductions.of(from))) {
                    return Introductions.forgetful(from);
                }
                boolean isKnown = links.containsKey(from);
                return isKnown || isDiallable(hello.getFromAddress())
                        ? null
                        : from + " is not a member of this group as far as " + options.localId() + " knows";
            }

            @Override
            public FrameHandler receiveMessages(NodeId from, Hello hello, FrameConnection connection) {
                connection.expectTraffic(options.idleTimeout());
                acceptor.register(from, connection);
                PeerLink link = links.get(from);
                if (link != null) {
                    // Who dials is alive: do not let it wait for this side's next try.
                    link.dialNow();
                } else if (!isDiallable(hello.getFromAddress())
                        || !admitGuest(from, HostPort.parse(hello.getFromAddress()))) {
                    connection.close(from + " is no peer any more, or one guest too many", false);
                }
                return new InboundMessages(
                        from, hello.getFromIdentity(), options, acceptor, callbacks, log, () -> guestLeft(from));
            }

            @Override
            public FrameHandler serveSnapshot(NodeId to, FrameConnection connection) {
                return snapshots.serve(to, connection);
            }
        };
    }

    private static boolean differ(long one, long other) {
        return one != 0 && other != 0 && one != other;
    }

    private static boolean isDiallable(String address) {
        try {
            return !address.isEmpty() && HostPort.parse(address).port() != 0;
        } catch (IllegalArgumentException e) {
            return false;
        }
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
