package dev.quorate.kv.server;

import dev.quorate.kv.auth.JwtOptions;
import dev.quorate.raft.RaftConfig;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.transport.netty.tls.TlsOptions;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a server must be told.
 *
 * @param name this member; 1 to 64 characters out of {@code [A-Za-z0-9._-]}
 * @param clientAddress where to listen for clients, as {@code host:port}; port 0 lets the operating system choose. Default
 *     127.0.0.1:2379
 * @param advertisedClientAddress under which {@code host:port} clients reach this member, as the list of members tells them;
 *     port 0 stands for the one that it listens at. Null for the client address itself, which must not be a wildcard such
 *     as {@code 0.0.0.0} then: that is no address that anybody could connect to. Default null
 * @param peerAddress where to listen for the other members, as {@code host:port}. Default 127.0.0.1:2380
 * @param initialCluster the members that the cluster begins with, and where each is reached by the others; has this member.
 *     The same at all members, for the cluster's whole life. Default: this member alone
 * @param join client addresses of members of a running cluster that this one was added to, as {@code host:port}; asked once,
 *     when the data directory is new, and instead of the initial cluster. Empty, the default, for a founder
 * @param clusterToken tells clusters apart that have the same members at the same addresses. Default "quorate"
 * @param dataDirectory what the server keeps; made if it is missing. Default NAME.quorate in the working directory
 * @param electionTimeout how long a member waits for its leader at least before it wants to lead. Default 1 s
 * @param heartbeatInterval how often a leader speaks; at the most half of the election timeout. Default 100 ms
 * @param snapshotEveryEntries after how many log entries a snapshot is taken and the log cut, at least 1. Default 100,000
 * @param snapshotBytesPerSecond how fast this member sends snapshots to others, all together; at least 16 KiB/s. Default 64
 *     MiB/s: half of a 1 Gbit/s line, so that the group's own traffic keeps its place
 * @param watchProgressNotifyInterval how often a watcher that asks for it, and has no events, is told how far it is; at least
 *     100 ms. Default 10 minutes, as in etcd
 * @param maxClockDrift by how much one member's clock may run faster than another's, as a fraction, see {@link
 *     RaftConfig#maxClockDrift}: then reads by lease cost no round. The same at all members. Default: nothing is promised, and such
 *     reads ask a quorum
 * @param maxLearners how many members may be learners until somebody promotes them; this member refuses to add more. At least 1.
 *     Default 1, as in etcd
 * @param upkeep how large the store may become and what is compacted by itself. Default {@link Upkeep#DEFAULTS}
 * @param clientTls certificate, key and trusted roots of the client port. With {@link TlsOptions#clientCertAuth} the common name
 *     of a client's certificate is its user, where permissions are in force and it shows no token. Null, the default, for no TLS
 * @param peerTls the same for the peer port, and for dialling other members, whose certificates must name the hosts of their peer
 *     addresses. All members have it or none. Null, the default, for no TLS
 * @param authTokens how the tokens are signed that users get for their passwords; the same at all members. Null, the default, for
 *     tokens that mean nothing by themselves, and that members remember
 */
public record KvServerConfig(
        String name,
        String clientAddress,
        @Nullable String advertisedClientAddress,
        String peerAddress,
        Map<String, String> initialCluster,
        List<String> join,
        String clusterToken,
        Path dataDirectory,
        Duration electionTimeout,
        Duration heartbeatInterval,
        long snapshotEveryEntries,
        long snapshotBytesPerSecond,
        Duration watchProgressNotifyInterval,
        double maxClockDrift,
        int maxLearners,
        Upkeep upkeep,
        @Nullable TlsOptions clientTls,
        @Nullable TlsOptions peerTls,
        @Nullable JwtOptions authTokens) {

    private static final int MAX_PORT = 65_535;
    private static final Duration LEAST_PROGRESS_INTERVAL = Duration.ofMillis(100);
    private static final long LEAST_SNAPSHOT_RATE = 16 << 10;
    private static final double LARGEST_CLOCK_DRIFT = 10;
    private static final long DEFAULT_SNAPSHOT_RATE = 64 << 20;

    /** @throws IllegalArgumentException in one line, if a value is not usable or two contradict each other */
    public KvServerConfig {
        NodeId.of(name);
        requireReachable(clientAddress, advertisedClientAddress);
        parse("peer address", peerAddress);
        initialCluster = Collections.unmodifiableMap(new TreeMap<>(initialCluster));
        initialCluster.forEach((member, address) -> {
            NodeId.of(member);
            parse("peer address of member " + member, address);
        });
        join = List.copyOf(join);
        join.forEach(address -> parse("address to join at", address));
        if (join.isEmpty() && !initialCluster.containsKey(name)) {
            throw new IllegalArgumentException("the initial cluster " + initialCluster.keySet()
                    + " does not have this member, '" + name + "': add it, or correct the name");
        }
        if (clusterToken.isEmpty()) {
            throw new IllegalArgumentException("the cluster token is empty; leave it out to use the default");
        }
        if (heartbeatInterval.toMillis() < 1) {
            throw new IllegalArgumentException("the heartbeat interval " + heartbeatInterval + " is below 1 ms");
        }
        if (electionTimeout.compareTo(heartbeatInterval.multipliedBy(2)) < 0) {
            throw new IllegalArgumentException("the election timeout of " + electionTimeout.toMillis()
                    + " ms must be at least twice the heartbeat interval of " + heartbeatInterval.toMillis() + " ms");
        }
        if (snapshotEveryEntries < 1) {
            throw new IllegalArgumentException(
                    "a snapshot every " + snapshotEveryEntries + " entries is not possible; at least 1");
        }
        if (watchProgressNotifyInterval.compareTo(LEAST_PROGRESS_INTERVAL) < 0) {
            throw new IllegalArgumentException("an interval of " + watchProgressNotifyInterval.toMillis()
                    + " ms to notify watchers is too short: at least " + LEAST_PROGRESS_INTERVAL.toMillis() + " ms");
        }
        if (maxClockDrift != Double.POSITIVE_INFINITY
                && !(maxClockDrift >= 0 && maxClockDrift <= LARGEST_CLOCK_DRIFT)) {
            throw new IllegalArgumentException("a clock drift of " + maxClockDrift
                    + " is no bound to rest leases on; it is a fraction, such as 0.01 for 1 %, from 0 to "
                    + LARGEST_CLOCK_DRIFT);
        }
        if (maxLearners < 1) {
            throw new IllegalArgumentException(maxLearners + " learners at the most are too few; at least 1");
        }
        if (clientTls != null && clientTls.certFile() == null) {
            throw new IllegalArgumentException("TLS for clients needs a certificate file and a key file");
        }
        if (peerTls != null && peerTls.certFile() == null) {
            throw new IllegalArgumentException("TLS for peers needs a certificate file and a key file");
        }
        if (snapshotBytesPerSecond < LEAST_SNAPSHOT_RATE) {
            throw new IllegalArgumentException("a snapshot rate of " + snapshotBytesPerSecond
                    + " bytes per second is too low for receivers to wait for; at least " + LEAST_SNAPSHOT_RATE);
        }
    }

    private static void requireReachable(String clientAddress, @Nullable String advertised) {
        boolean isWildcard = isWildcard(parse("client address", clientAddress));
        if (advertised == null && isWildcard) {
            throw new IllegalArgumentException("the client address " + clientAddress
                    + " stands for all addresses of this machine, and clients cannot connect to it:"
                    + " set advertise-client to the host:port under which they reach this member");
        }
        if (advertised != null && isWildcard(parse("advertised client address", advertised))) {
            throw new IllegalArgumentException("the advertised client address " + advertised
                    + " is none that a client could connect to; name the host:port under which they reach this member");
        }
    }

    private static boolean isWildcard(InetSocketAddress address) {
        return address.getAddress() != null && address.getAddress().isAnyLocalAddress();
    }

    /** What the list of members says, for a server that listens at this port. */
    String clientUrl(int listeningPort) {
        String address = advertisedClientAddress == null ? clientAddress : advertisedClientAddress;
        String host = address.substring(0, address.lastIndexOf(':'));
        boolean needsBrackets = host.indexOf(':') >= 0 && !host.startsWith("[");
        int port = parse("address", address).getPort();
        boolean namesPort = advertisedClientAddress != null && port != 0;
        return (clientTls == null ? "http://" : "https://") + (needsBrackets ? "[" + host + "]" : host) + ":"
                + (namesPort ? port : listeningPort);
    }

    public static Builder builder(String name) {
        return new Builder(name);
    }

    /** Resolved now; the address may be unresolved. */
    static InetSocketAddress parse(String what, String address) {
        int colon = address.lastIndexOf(':');
        String host = colon < 0 ? "" : address.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        try {
            int port = Integer.parseInt(address.substring(colon + 1));
            if (!host.isEmpty() && port >= 0 && port <= MAX_PORT) {
                return new InetSocketAddress(host, port);
            }
        } catch (NumberFormatException e) {
            // Said below, as for the other mistakes.
        }
        throw new IllegalArgumentException("the " + what + " '" + address
                + "' is not usable: it must be host:port, with a port from 0 to " + MAX_PORT);
    }

    /** Sets what should differ from the defaults. */
    public static final class Builder {
        private final String name;
        private String clientAddress = "127.0.0.1:2379";
        private @Nullable String advertisedClientAddress;
        private String peerAddress = "127.0.0.1:2380";
        private Map<String, String> initialCluster = Map.of();
        private List<String> join = List.of();
        private String clusterToken = "quorate";
        private Path dataDirectory;
        private Duration electionTimeout = Duration.ofSeconds(1);
        private Duration heartbeatInterval = Duration.ofMillis(100);
        private long snapshotEveryEntries = 100_000;
        private long snapshotBytesPerSecond = DEFAULT_SNAPSHOT_RATE;
        private Duration watchProgressNotifyInterval = Duration.ofMinutes(10);
        private double maxClockDrift = Double.POSITIVE_INFINITY;
        private int maxLearners = 1;
        private Upkeep upkeep = Upkeep.DEFAULTS;
        private @Nullable TlsOptions clientTls;
        private @Nullable TlsOptions peerTls;
        private @Nullable JwtOptions authTokens;

        private Builder(String name) {
            this.name = name;
            this.dataDirectory = Path.of(name + ".quorate");
        }

        public Builder clientAddress(String value) {
            clientAddress = value;
            return this;
        }

        public Builder advertisedClientAddress(String value) {
            advertisedClientAddress = value;
            return this;
        }

        public Builder peerAddress(String value) {
            peerAddress = value;
            return this;
        }

        public Builder initialCluster(Map<String, String> value) {
            initialCluster = value;
            return this;
        }

        public Builder join(List<String> value) {
            join = List.copyOf(value);
            return this;
        }

        public Builder clusterToken(String value) {
            clusterToken = value;
            return this;
        }

        public Builder dataDirectory(Path value) {
            dataDirectory = value;
            return this;
        }

        public Builder electionTimeout(Duration value) {
            electionTimeout = value;
            return this;
        }

        public Builder heartbeatInterval(Duration value) {
            heartbeatInterval = value;
            return this;
        }

        public Builder snapshotEveryEntries(long value) {
            snapshotEveryEntries = value;
            return this;
        }

        public Builder upkeep(Upkeep value) {
            upkeep = value;
            return this;
        }

        public Builder maxClockDrift(double value) {
            maxClockDrift = value;
            return this;
        }

        public Builder maxLearners(int value) {
            maxLearners = value;
            return this;
        }

        public Builder clientTls(@Nullable TlsOptions value) {
            clientTls = value;
            return this;
        }

        public Builder peerTls(@Nullable TlsOptions value) {
            peerTls = value;
            return this;
        }

        public Builder authTokens(@Nullable JwtOptions value) {
            authTokens = value;
            return this;
        }

        public Builder watchProgressNotifyInterval(Duration value) {
            watchProgressNotifyInterval = value;
            return this;
        }

        public Builder snapshotBytesPerSecond(long value) {
            snapshotBytesPerSecond = value;
            return this;
        }

        /** @throws IllegalArgumentException in one line, if a value is not usable or two contradict each other */
        public KvServerConfig build() {
            return new KvServerConfig(
                    name,
                    clientAddress,
                    advertisedClientAddress,
                    peerAddress,
                    initialCluster.isEmpty() ? Map.of(name, peerAddress) : initialCluster,
                    join,
                    clusterToken,
                    dataDirectory,
                    electionTimeout,
                    heartbeatInterval,
                    snapshotEveryEntries,
                    snapshotBytesPerSecond,
                    watchProgressNotifyInterval,
                    maxClockDrift,
                    maxLearners,
                    upkeep,
                    clientTls,
                    peerTls,
                    authTokens);
        }
    }
}
