package dev.quorate.kv.embedded;

import dev.quorate.kv.server.KvServer;
import dev.quorate.kv.server.KvServerConfig;
import dev.quorate.kv.server.KvServerException;
import dev.quorate.raft.model.NodeId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Servers in this JVM that form one cluster. They are the real ones, with their logs, stores and syncs on disk; members are
 * called {@code n1}, {@code n2} and so on, and keep their ports when they are stopped and started again.
 *
 * <p>Any thread may call; calls that start or stop members wait for one another. A member's failures are logged through
 * SLF4J.
 */
public final class EmbeddedCluster implements AutoCloseable {

    /** As many as a raft group is useful with; more cost time in a test and show nothing new. */
    public static final int MAX_NODES = 9;

    /** A test machine may be busy: this is how long to wait, not how long it takes. */
    private static final Duration LEADER_DEADLINE = Duration.ofSeconds(30);

    /** Between the choice of free ports and their use somebody else may take one. */
    private static final int START_ATTEMPTS = 5;

    /** Tells whose it was, if this process is killed and leaves it. */
    static final String TEMPORARY =
            "quorate-embedded-" + ProcessHandle.current().pid() + "-";

    private static final long POLL_NANOS = Duration.ofMillis(2).toNanos();

    private final Path root;
    private final boolean deletesRoot;
    private final UnaryOperator<KvServerConfig.Builder> configure;
    private final Map<String, String> peers;
    private final Map<String, URI> clientUris = new TreeMap<>();
    private final Map<String, KvServer> running = Collections.synchronizedMap(new TreeMap<>());

    private EmbeddedCluster(
            Path root,
            boolean deletesRoot,
            UnaryOperator<KvServerConfig.Builder> configure,
            Map<String, String> peers) {
        this.root = root;
        this.deletesRoot = deletesRoot;
        this.configure = configure;
        this.peers = peers;
    }

    /**
     * Starts a cluster in a temporary directory, and returns when it has a leader.
     *
     * @param nodes from 1 to {@link #MAX_NODES}
     * @throws IllegalArgumentException if {@code nodes} is outside of that
     * @throws IllegalStateException if it does not start; nothing runs and nothing is left then
     */
    public static EmbeddedCluster start(int nodes) {
        return builder().nodes(nodes).start();
    }

    /** A cluster of one, unless told otherwise. */
    public static Builder builder() {
        return new Builder();
    }

    /** The members' names, those that are stopped too. */
    public List<String> names() {
        return List.copyOf(peers.keySet());
    }

    /**
     * Where the members that run listen for clients, in the order of their names: {@code http://127.0.0.1:PORT}, or {@code https}
     * where they were {@linkplain Builder#configure told} to speak TLS.
     */
    public List<URI> clientUris() {
        return snapshotOfRunning().keySet().stream().map(this::clientUri).toList();
    }

    /** The same as one {@code host:port,host:port}, as command lines and connection strings want it. */
    public String endpoints() {
        return String.join(",", clientUris().stream().map(URI::getAuthority).toList());
    }

    /**
     * Where a member listens for clients, whether it runs or not.
     *
     * @throws IllegalArgumentException if there is no such member
     */
    public URI clientUri(String name) {
        URI uri = clientUris.get(requireMember(name));
        if (uri == null) {
            throw new IllegalStateException("member " + name + " has not been started yet");
        }
        return uri;
    }

    /** Where the members keep their data, each in a directory of its name. */
    public Path directory() {
        return root;
    }

    /** The member that leads, as far as a majority of all members knows; empty if there is none. */
    public Optional<String> leader() {
        Map<String, KvServer> servers = snapshotOfRunning();
        Map<String, Integer> votes = new TreeMap<>();
        for (KvServer server : servers.values()) {
            NodeId leader = server.status().leader();
            if (leader != null) {
                votes.merge(leader.value(), 1, Integer::sum);
            }
        }
        return votes.entrySet().stream()
                .filter(entry -> entry.getValue() > peers.size() / 2 && servers.containsKey(entry.getKey()))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /**
     * Waits until a member leads.
     *
     * @throws IllegalStateException if none does within 30 s: too few members run, or the machine is too busy
     */
    public String awaitLeader() {
        long deadline = System.nanoTime() + LEADER_DEADLINE.toNanos();
        while (true) {
            Optional<String> leader = leader();
            if (leader.isPresent()) {
                return leader.get();
            }
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException("no member leads after " + LEADER_DEADLINE.toSeconds() + " s; of "
                        + names() + " these run: " + snapshotOfRunning().keySet());
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /** A member that runs and does not lead; empty in a cluster of one. */
    public Optional<String> aFollower() {
        String leader = awaitLeader();
        return snapshotOfRunning().keySet().stream()
                .filter(name -> !name.equals(leader))
                .findFirst();
    }

    /**
     * Stops a member; it keeps its data and its ports. Does nothing if it does not run.
     *
     * @throws IllegalArgumentException if there is no such member
     */
    public synchronized void stop(String name) {
        KvServer server = running.remove(requireMember(name));
        if (server != null) {
            server.close();
        }
    }

    /**
     * Starts a member that was stopped. Does nothing if it runs.
     *
     * @throws IllegalArgumentException if there is no such member
     * @throws IllegalStateException if it does not start
     */
    public synchronized void start(String name) {
        if (running.containsKey(requireMember(name))) {
            return;
        }
        try {
            launch(name);
        } catch (KvServerException e) {
            throw new IllegalStateException("member " + name + " does not start: " + e.getMessage(), e);
        }
    }

    /** The server of a member, for what this class does not offer; empty if it does not run. */
    public Optional<KvServer> server(String name) {
        return Optional.ofNullable(running.get(requireMember(name)));
    }

    /** Stops all members, and deletes the directory if it was a temporary one. */
    @Override
    public synchronized void close() {
        List<RuntimeException> failures = new ArrayList<>();
        for (String name : peers.keySet()) {
            try {
                stop(name);
            } catch (RuntimeException e) {
                failures.add(e);
            }
        }
        if (deletesRoot) {
            try {
                Directories.delete(root);
            } catch (IOException e) {
                failures.add(new UncheckedIOException(e));
            }
        }
        if (!failures.isEmpty()) {
            RuntimeException first = failures.get(0);
            failures.subList(1, failures.size()).forEach(first::addSuppressed);
            throw first;
        }
    }

    private Map<String, KvServer> snapshotOfRunning() {
        synchronized (running) {
            return new TreeMap<>(running);
        }
    }

    private String requireMember(String name) {
        if (!peers.containsKey(name)) {
            throw new IllegalArgumentException("no member is called '" + name + "'; there are " + peers.keySet());
        }
        return name;
    }

    private void launch(String name) throws KvServerException {
        String peer = peers.get(name);
        if (peer == null) {
            throw new IllegalArgumentException("no member is called '" + name + "'");
        }
        KvServerConfig.Builder config = KvServerConfig.builder(name)
                .electionTimeout(Builder.ELECTION_TIMEOUT)
                .heartbeatInterval(Builder.HEARTBEAT_INTERVAL)
                .clusterToken("embedded");
        URI uri = clientUris.get(name);
        KvServer server = KvServer.start(configure
                .apply(config)
                .clientAddress("127.0.0.1:" + (uri == null ? 0 : uri.getPort()))
                .peerAddress(peer)
                .initialCluster(peers)
                .dataDirectory(root.resolve(name))
                .build());
        clientUris.put(name, server.clientUri());
        running.put(name, server);
    }

    /** Sets what should differ from a cluster of one in a temporary directory. */
    public static final class Builder {

        /** Shorter than a server's default, because nothing but the test's own JVM comes between the members. */
        static final Duration ELECTION_TIMEOUT = Duration.ofMillis(500);

        static final Duration HEARTBEAT_INTERVAL = Duration.ofMillis(50);

        private int nodes = 1;
        private @Nullable Path directory;
        private UnaryOperator<KvServerConfig.Builder> configure = config -> config;

        private Builder() {}

        /**
         * @param value from 1 to {@link #MAX_NODES}; 1 is quickest, 3 survives the loss of one
         * @throws IllegalArgumentException if it is outside of that
         */
        public Builder nodes(int value) {
            if (value < 1 || value > MAX_NODES) {
                throw new IllegalArgumentException(
                        "a cluster of " + value + " nodes is not possible here: from 1 to " + MAX_NODES);
            }
            nodes = value;
            return this;
        }

        /** Where the members keep their data, which stays there. Null, the default, for a temporary directory. */
        public Builder directory(@Nullable Path value) {
            directory = value;
            return this;
        }

        /**
         * Changes any of a server's other settings, the same for each member; called once for each start of a member. The
         * addresses, the members and the directory are the cluster's own.
         */
        public Builder configure(UnaryOperator<KvServerConfig.Builder> value) {
            configure = value;
            return this;
        }

        /**
         * Starts the cluster, and returns when it has a leader.
         *
         * @throws IllegalStateException if it does not start; nothing runs then, and no temporary directory is left
         */
        public EmbeddedCluster start() {
            for (int attempt = 1; ; attempt++) {
                try {
                    return tryStart();
                } catch (KvServerException e) {
                    boolean isPortTaken = e.reason() == KvServerException.Reason.ADDRESS_IN_USE;
                    if (!isPortTaken || attempt == START_ATTEMPTS) {
                        throw new IllegalStateException("the embedded cluster does not start: " + e.getMessage(), e);
                    }
                }
            }
        }

        private EmbeddedCluster tryStart() throws KvServerException {
            Path kept = directory;
            EmbeddedCluster cluster = null;
            boolean isStarted = false;
            try {
                Path root = kept == null ? Files.createTempDirectory(TEMPORARY) : kept;
                cluster = new EmbeddedCluster(root, kept == null, configure, Ports.free(nodes));
                for (String name : cluster.peers.keySet()) {
                    cluster.launch(name);
                }
                cluster.awaitLeader();
                isStarted = true;
                return cluster;
            } catch (IOException e) {
                throw new IllegalStateException("the embedded cluster has no directory: " + e.getMessage(), e);
            } finally {
                if (cluster != null && !isStarted) {
                    cluster.close();
                }
            }
        }
    }
}
