package dev.quorate.kv.server;

import dev.quorate.kv.api.Member;
import dev.quorate.kv.auth.AuthStore;
import dev.quorate.kv.auth.JwtOptions;
import dev.quorate.kv.auth.JwtTokens;
import dev.quorate.kv.auth.SimpleTokens;
import dev.quorate.kv.auth.Tokens;
import dev.quorate.kv.backup.Backups;
import dev.quorate.kv.command.CommandResult;
import dev.quorate.kv.command.KvStateMachine;
import dev.quorate.kv.lease.Lessor;
import dev.quorate.kv.metrics.Metrics;
import dev.quorate.kv.metrics.TimedLog;
import dev.quorate.kv.mvcc.MvccStore;
import dev.quorate.kv.mvcc.StorageException;
import dev.quorate.kv.mvcc.StoreOptions;
import dev.quorate.kv.rpc.ClientEndpoint;
import dev.quorate.kv.rpc.ClientTls;
import dev.quorate.kv.rpc.ClusterService;
import dev.quorate.kv.rpc.Identity;
import dev.quorate.kv.rpc.Replicator;
import dev.quorate.kv.rpc.SpaceGuard;
import dev.quorate.kv.rpc.WatchService;
import dev.quorate.kv.server.KvServerException.Reason;
import dev.quorate.kv.watch.WatchHub;
import dev.quorate.kv.watch.WatchLimits;
import dev.quorate.raft.RaftConfig;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.log.rocksdb.RocksDbLogOptions;
import dev.quorate.raft.log.rocksdb.RocksDbLogStore;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.runtime.DurableLog;
import dev.quorate.raft.runtime.RaftNode;
import dev.quorate.raft.transport.netty.NettyTransport;
import dev.quorate.raft.transport.netty.NettyTransportOptions;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A member of a cluster that serves etcd's v3 protocol. */
public final class KvServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(KvServer.class);

    /** One group for all keys. */
    static final long GROUP_ID = 1;

    /** The log keeps a fifth of what is between two snapshots, for members that are a little late. */
    private static final int TRAILING_SHARE = 5;

    private static final int MAILBOX_CAPACITY = 65_536;
    private static final int MAX_COMMAND_BYTES = 2 << 20;
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(5);

    private final KvServerConfig config;
    private final DataDirectory directory;
    private final RaftNode<CommandResult> node;
    private final Lessor lessor;
    private final WatchHub watches;
    private final ClientEndpoint endpoint;
    private final Backups backups;
    private final MemberPublisher publisher;
    private final Housekeeping housekeeping;
    private final AtomicBoolean isClosing = new AtomicBoolean();
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();

    private KvServer(
            KvServerConfig config,
            DataDirectory directory,
            RaftNode<CommandResult> node,
            Lessor lessor,
            WatchHub watches,
            ClientEndpoint endpoint,
            Backups backups,
            MemberPublisher publisher,
            Housekeeping housekeeping) {
        this.config = config;
        this.directory = directory;
        this.node = node;
        this.lessor = lessor;
        this.watches = watches;
        this.endpoint = endpoint;
        this.backups = backups;
        this.publisher = publisher;
        this.housekeeping = housekeeping;
    }

    /**
     * Starts a server, and returns when it answers clients; it may have no leader yet.
     *
     * @throws KvServerException if it cannot start; nothing runs then, and a data directory that is not this server's is
     *     unchanged
     */
    public static KvServer start(KvServerConfig config) throws KvServerException {
        InetSocketAddress clientAddress = free("client address", config.clientAddress());
        free("peer address", config.peerAddress());
        Map<NodeId, String> members = new TreeMap<>();
        config.initialCluster().forEach((name, address) -> members.put(NodeId.of(name), address));
        boolean joins = !config.join().isEmpty();
        Opened opened = new Opened();
        try {
            Identity identity = joins ? joined(config) : founder(config, members);
            Membership initial = joins ? Membership.EMPTY : Membership.of(members);
            KvServer server = start(config, identity, initial, clientAddress, opened);
            server.watchNode();
            server.publisher.start();
            server.housekeeping.start();
            LOG.info(
                    "{} serves clients at {} and members at {}, cluster id {}",
                    config.name(),
                    config.clientAddress(),
                    config.peerAddress(),
                    String.format(Locale.ROOT, "%016x", identity.clusterId()));
            return server;
        } catch (IOException | StorageException e) {
            opened.closeAfter(e);
            throw explained(config, e);
        } catch (KvServerException | RuntimeException e) {
            opened.closeAfter(e);
            throw e;
        }
    }

    /** Of the cluster that the configuration describes; another one if it began with a backup. */
    private static Identity founder(KvServerConfig config, Map<NodeId, String> members) throws IOException {
        Identity founder = Identity.of(config.clusterToken(), members, NodeId.of(config.name()));
        String origin = DataDirectory.origin(config.dataDirectory());
        return origin.isEmpty() ? founder : founder.restored(origin);
    }

    /** A server that has joined once knows from its data directory who it is. */
    private static Identity joined(KvServerConfig config) throws KvServerException, IOException {
        Identity known = DataDirectory.owner(config.dataDirectory());
        return known != null ? known : Joining.ask(config);
    }

    private static KvServer start(
            KvServerConfig config,
            Identity identity,
            Membership members,
            InetSocketAddress clientAddress,
            Opened opened)
            throws KvServerException, IOException {
        TlsFiles.requireUsableByPeers(config); // before anything is touched
        Tokens signed = signedTokens(config);
        ClientTls clientTls = TlsFiles.forClients(config);
        DataDirectory directory = opened.add(DataDirectory.open(config.dataDirectory(), identity));
        Metrics metrics = new Metrics();
        DurableLog log = opened.add(new TimedLog(
                RocksDbLogStore.openSingle(
                        directory.log(),
                        GROUP_ID,
                        RocksDbLogOptions.DEFAULTS.withRepairFromPeers(
                                members.voters().size() != 1)),
                metrics.durations(
                        "etcd_disk_wal_fsync_duration_seconds", "Writes to the raft log, each with its sync.")));
        if (log.startsAnew()) {
            directory.setStoreAside();
        }
        MvccStore store = opened.add(MvccStore.open(directory.store(), StoreOptions.defaults()));
        store.timeWrites(metrics.durations(
                "etcd_disk_backend_commit_duration_seconds",
                "Writes to the store: into memory, for the log is what makes them last."));
        WatchHub watches = opened.add(WatchHub.start(store, WatchLimits.DEFAULTS));
        AuthStore auth = new AuthStore(
                store,
                signed != null
                        ? signed
                        : new SimpleTokens(System::nanoTime, () -> store.state().appliedIndex()));
        KvStateMachine stateMachine = opened.replace(store, new KvStateMachine(store, auth, identity.memberId()));
        String advertised = config.initialCluster().getOrDefault(config.name(), config.peerAddress());
        NettyTransport transport = NettyTransport.create(
                NettyTransportOptions.builder(identity.name(), identity.clusterId(), GROUP_ID, config.peerAddress())
                        .advertisedAddress(advertised)
                        .snapshotBytesPerSecond(config.snapshotBytesPerSecond())
                        .tls(config.peerTls())
                        .build());
        ObjLongConsumer<String> roundTrips = metrics.shortDurations(
                "etcd_network_peer_round_trip_time_seconds", "Pings to other members, until they are answered.", "To");
        transport.timeRoundTrips((peer, nanos) -> roundTrips.accept(peer.value(), nanos));
        opened.release(stateMachine, log); // the node owns them from here on, also when it does not start
        RaftNode<CommandResult> node =
                opened.add(RaftNode.start(options(config, identity, members, directory), log, transport, stateMachine));
        metrics.counter(
                "etcd_network_peer_received_bytes_total", "Bytes from other members.", transport::receivedBytes);
        metrics.counter("etcd_network_peer_sent_bytes_total", "Bytes to other members.", transport::sentBytes);
        Replicator replicator = new NodeReplicator(node, identity.name());
        DataChecker checker = opened.add(new DataChecker(stateMachine, replicator, store, identity));
        SpaceGuard space = opened.add(new SpaceGuard(
                config.upkeep().quotaBytes(),
                store::sizeBytes,
                stateMachine.alarms(),
                replicator,
                identity.memberId()));
        Lessor lessor = opened.add(new Lessor(
                        store,
                        node::status,
                        node::propose,
                        identity.memberId(),
                        config.electionTimeout(),
                        System::nanoTime)
                .start());
        Backups backups = opened.add(Backups.open(
                directory.backups(),
                store,
                identity.clusterId(),
                config.name(),
                InstantSource.system(),
                System::nanoTime));
        ClientEndpoint endpoint = opened.add(ClientEndpoint.start(
                clientAddress,
                identity,
                replicator,
                store,
                auth,
                lessor,
                new WatchService.Options(config.watchProgressNotifyInterval(), config.electionTimeout()),
                watches,
                space,
                backups,
                metrics,
                clientTls,
                new ClusterService.Options(config.peerTls() == null ? "http://" : "https://", config.maxLearners())));
        Member member = Member.newBuilder()
                .setID(identity.memberId())
                .setName(config.name())
                .addClientURLs(config.clientUrl(endpoint.port()))
                .build();
        MemberPublisher publisher = new MemberPublisher(replicator, store, member, identity.memberId());
        Housekeeping housekeeping = new Housekeeping(config.upkeep(), space, replicator, store, identity, checker);
        return new KvServer(config, directory, node, lessor, watches, endpoint, backups, publisher, housekeeping);
    }

    private static @Nullable Tokens signedTokens(KvServerConfig config) throws KvServerException {
        JwtOptions options = config.authTokens();
        try {
            return options == null ? null : JwtTokens.load(options, InstantSource.system());
        } catch (IOException e) {
            throw new KvServerException(Reason.TOKENS_UNUSABLE, "auth tokens cannot be used: " + e.getMessage(), e);
        }
    }

    static RaftNode.Options options(
            KvServerConfig config, Identity identity, Membership members, DataDirectory directory) throws IOException {
        long seed = identity.memberId() ^ System.nanoTime(); // members must not draw the same election timeouts
        RaftConfig raft = RaftConfig.builder(identity.name(), seed)
                .identity(directory.diskId())
                .electionTimeout(config.electionTimeout())
                .heartbeatInterval(config.heartbeatInterval())
                .trailingEntries(config.snapshotEveryEntries() / TRAILING_SHARE)
                .maxClockDrift(config.maxClockDrift())
                .build();
        return new RaftNode.Options(
                raft,
                members,
                directory.snapshots(),
                MAILBOX_CAPACITY,
                MAX_COMMAND_BYTES,
                REQUEST_TIMEOUT,
                config.snapshotEveryEntries(),
                RaftNode.Options.defaultLeaderWait(raft));
    }

    /** Looks whether an address can be had, before anything is touched. */
    private static InetSocketAddress free(String what, String address) throws KvServerException {
        InetSocketAddress parsed = KvServerConfig.parse(what, address);
        if (parsed.isUnresolved()) {
            throw new KvServerException(
                    Reason.ADDRESS_UNUSABLE,
                    "the host of the " + what + " " + address + " is not known; correct it, or use an IP address");
        }
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(parsed);
            return parsed;
        } catch (BindException e) {
            boolean isTaken = String.valueOf(e.getMessage()).contains("in use");
            throw new KvServerException(
                    isTaken ? Reason.ADDRESS_IN_USE : Reason.ADDRESS_UNUSABLE,
                    "the " + what + " " + address
                            + (isTaken
                                    ? " is in use; stop what listens there or choose another port"
                                    : " cannot be used here: " + e.getMessage()),
                    e);
        } catch (IOException e) {
            throw new KvServerException(
                    Reason.ADDRESS_UNUSABLE, "the " + what + " " + address + " cannot be used: " + e.getMessage(), e);
        }
    }

    static KvServerException explained(KvServerConfig config, Exception cause) {
        String message = String.valueOf(cause.getMessage());
        if (message.contains("No space left on device")) {
            return new KvServerException(
                    Reason.DISK_FULL,
                    "the disk of the data directory " + config.dataDirectory() + " is full; make room and start again",
                    cause);
        }
        if (cause instanceof BindException) {
            return new KvServerException(Reason.ADDRESS_IN_USE, message, cause);
        }
        return new KvServerException(Reason.DATA_UNUSABLE, message, cause);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // stop() tells who waits
    private void watchNode() {
        node.stopped().whenComplete((nothing, failure) -> {
            if (failure != null) {
                LOG.error("{} stops with its node", config.name()); // which has said why, with the stack trace
                Thread stopper = new Thread(() -> stop(failure), "kv-stop");
                stopper.start(); // the node's threads must not wait for themselves
            }
        });
    }

    /**
     * Completes when the server has stopped: normally after {@link #close}; exceptionally, with what failed, when it stopped
     * itself because it could no longer vouch for its data.
     */
    public CompletableFuture<Void> stopped() {
        return stopped.copy();
    }

    /** Where clients reach it, {@code http://HOST:PORT} or with TLS {@code https://HOST:PORT}, as the list of members says. */
    public URI clientUri() {
        return URI.create(config.clientUrl(endpoint.port()));
    }

    /** The port that clients connect to. */
    public int clientPort() {
        return endpoint.port();
    }

    /** One moment of this member. Never blocks. */
    public RaftStatus status() {
        return node.status();
    }

    /** Stops the server, and waits for it. Requests that were under way end with an error. */
    @Override
    public void close() {
        stop(null);
        stopped.exceptionally(failure -> null).join();
    }

    private void stop(@Nullable Throwable failure) {
        if (!isClosing.compareAndSet(false, true)) {
            return;
        }
        publisher.close();
        housekeeping.close();
        lessor.close();
        node.close(); // answers what waits
        watches.close();
        endpoint.close();
        backups.close();
        try {
            directory.close();
        } catch (IOException e) {
            LOG.warn("the lock of {} could not be released; it ends with this process", config.dataDirectory(), e);
        }
        if (failure == null) {
            stopped.complete(null);
        } else {
            stopped.completeExceptionally(failure);
        }
    }
}
