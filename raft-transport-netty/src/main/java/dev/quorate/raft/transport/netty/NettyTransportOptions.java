package dev.quorate.raft.transport.netty;

import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.transport.netty.tls.TlsOptions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How a member reaches its peers. Every limit of the transport has its name, its default and its reason here.
 *
 * @param localId this member
 * @param clusterId the same at all members, and another in another cluster, so that a mixed-up address does no harm
 * @param groupId which group's messages these are; in every frame
 * @param listenAddress where to listen, as {@code host:port}; port 0 lets the operating system choose
 * @param maxFrameBytes the longest frame that is sent or taken in, 1 MiB to 1 GiB. Default 64 MiB: an AppendEntries has at
 *     most 1 MiB of entries, or a single entry that is longer; a peer can make this member hold one such frame.
 * @param maxQueuedBytesPerPeer how many bytes of entries may wait for one peer; what is over is dropped. Default 64 MiB:
 *     several times what a leader keeps in flight, so only a peer that does not read gets there.
 * @param writeBufferBytes how much is handed to a peer's socket at once, 16 KiB to 64 MiB. Default 256 KiB: what is there
 *     can no more be overtaken by a heartbeat, and it keeps a 1 Gbit/s line busy for 2 ms.
 * @param connectTimeout how long a peer's host may take to answer. Default 2 s.
 * @param handshakeTimeout how long a peer's process may take to answer, once connected. Default 5 s.
 * @param idleTimeout after how long a silence a connection is given up; at a third of it the silence is broken by a ping,
 *     so members should agree on it. Default 5 s: after a lost line comes back, a new connection is there sooner than TCP's next try on the old one.
 * @param reconnectMin how long to wait before a lost connection is dialled again; doubles with each failure, and each
 *     wait is drawn from its upper half so that members do not dial in step. Default 50 ms.
 * @param reconnectMax the longest such wait. Default 2 s.
 * @param eventLoopThreads 1 to 64. Default 1: it carries more than the raft thread can produce.
 * @param nativeIo whether to use epoll where it is available, else NIO. Default true.
 * @param maxInboundConnections how many connections others may have open here. Default 256: a group needs two for each
 *     member, and a flood of strangers must not take all file descriptors.
 * @param snapshotBytesPerSecond how fast this member sends snapshots, all together, at least 16 KiB/s: a receiver does not wait for
 *     ever. Default 64 MiB/s: half of a 1 Gbit/s line, so that the group's own traffic keeps its place.
 * @param maxSnapshotSends how many snapshots are sent, and how many fetched, at the same time. Default 2; each has a thread.
 * @param snapshotStallTimeout after how long without progress a snapshot transfer fails. Default 30 s: the sender may
 *     have to write the snapshot's last part first.
 * @param advertisedAddress where others can dial this member, as {@code host:port}: told to whom it dials, so that a member
 *     that has not heard of it yet can answer. Empty, the default: then only who knows it lets it in
 * @param tls certificate, key and trusted roots, for connections in both directions; the other side's certificate must name the
 *     host that was dialled. Peers have TLS all or none. Null, the default, for none
 */
public record NettyTransportOptions(
        NodeId localId,
        long clusterId,
        long groupId,
        String listenAddress,
        int maxFrameBytes,
        long maxQueuedBytesPerPeer,
        int writeBufferBytes,
        Duration connectTimeout,
        Duration handshakeTimeout,
        Duration idleTimeout,
        Duration reconnectMin,
        Duration reconnectMax,
        int eventLoopThreads,
        boolean nativeIo,
        int maxInboundConnections,
        long snapshotBytesPerSecond,
        int maxSnapshotSends,
        Duration snapshotStallTimeout,
        String advertisedAddress,
        @Nullable TlsOptions tls) {

    private static final int MIB = 1 << 20;
    private static final long SINGLE_GROUP_ID = 1;

    public NettyTransportOptions {
        Objects.requireNonNull(localId, "localId");
        HostPort.parse(listenAddress);
        if (!advertisedAddress.isEmpty()) {
            HostPort.parse(advertisedAddress);
        }
        if (tls != null && tls.certFile() == null) {
            throw new IllegalArgumentException("TLS between peers needs a certificate file and a key file");
        }
        within("maxFrameBytes", maxFrameBytes, MIB, 1L << 30);
        within("maxQueuedBytesPerPeer", maxQueuedBytesPerPeer, 1, Long.MAX_VALUE);
        within("writeBufferBytes", writeBufferBytes, 16 << 10, 64L * MIB);
        positive("connectTimeout", connectTimeout);
        positive("handshakeTimeout", handshakeTimeout);
        positive("idleTimeout", idleTimeout);
        positive("reconnectMin", reconnectMin);
        positive("reconnectMax", reconnectMax);
        if (reconnectMax.compareTo(reconnectMin) < 0) {
            throw new IllegalArgumentException(
                    "reconnectMax " + reconnectMax + " must not be shorter than reconnectMin " + reconnectMin);
        }
        within("eventLoopThreads", eventLoopThreads, 1, 64);
        within("maxInboundConnections", maxInboundConnections, 1, 1 << 20);
        within("snapshotBytesPerSecond", snapshotBytesPerSecond, 16 << 10, Long.MAX_VALUE);
        within("maxSnapshotSends", maxSnapshotSends, 1, 64);
        positive("snapshotStallTimeout", snapshotStallTimeout);
    }

    /** The defaults, for one group in one cluster. */
    public static NettyTransportOptions of(NodeId localId, long clusterId, long groupId, String listenAddress) {
        return builder(localId, clusterId, groupId, listenAddress).build();
    }

    /**
     * The defaults, for the only group of a process: this member listens where the others look for it.
     *
     * @param clusterName the same at all members, and another in another cluster
     * @param members must have an address, {@code host:port}, for this member
     * @throws IllegalArgumentException if it has none, or one that is no {@code host:port}
     */
    public static NettyTransportOptions of(String clusterName, NodeId localId, Membership members) {
        long clusterId = UUID.nameUUIDFromBytes(clusterName.getBytes(StandardCharsets.UTF_8))
                .getMostSignificantBits();
        return of(localId, clusterId, SINGLE_GROUP_ID, members.address(localId));
    }

    public static Builder builder(NodeId localId, long clusterId, long groupId, String listenAddress) {
        return new Builder(localId, clusterId, groupId, listenAddress);
    }

    private static void within(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + " is " + value + ", and must be " + least + " to " + most);
        }
    }

    private static void positive(String name, Duration value) {
        if (value.toMillis() < 1 || value.toMillis() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(name + " is " + value + ", and must be 1 ms to 24 days");
        }
    }

    /** Sets what should differ from the defaults. */
    public static final class Builder {
        private final NodeId localId;
        private final long clusterId;
        private final long groupId;
        private final String listenAddress;
        private int maxFrameBytes = 64 * MIB;
        private long maxQueuedBytesPerPeer = 64L * MIB;
        private int writeBufferBytes = 256 << 10;
        private Duration connectTimeout = Duration.ofSeconds(2);
        private Duration handshakeTimeout = Duration.ofSeconds(5);
        private Duration idleTimeout = Duration.ofSeconds(5);
        private Duration reconnectMin = Duration.ofMillis(50);
        private Duration reconnectMax = Duration.ofSeconds(2);
        private int eventLoopThreads = 1;
        private boolean nativeIo = true;
        private int maxInboundConnections = 256;
        private long snapshotBytesPerSecond = 64L * MIB;
        private int maxSnapshotSends = 2;
        private Duration snapshotStallTimeout = Duration.ofSeconds(30);
        private String advertisedAddress = "";
        private @Nullable TlsOptions tls;

        private Builder(NodeId localId, long clusterId, long groupId, String listenAddress) {
            this.localId = localId;
            this.clusterId = clusterId;
            this.groupId = groupId;
            this.listenAddress = listenAddress;
        }

        public Builder maxFrameBytes(int value) {
            maxFrameBytes = value;
            return this;
        }

        public Builder maxQueuedBytesPerPeer(long value) {
            maxQueuedBytesPerPeer = value;
            return this;
        }

        public Builder writeBufferBytes(int value) {
            writeBufferBytes = value;
            return this;
        }

        public Builder connectTimeout(Duration value) {
            connectTimeout = value;
            return this;
        }

        public Builder handshakeTimeout(Duration value) {
            handshakeTimeout = value;
            return this;
        }

        public Builder idleTimeout(Duration value) {
            idleTimeout = value;
            return this;
        }

        public Builder reconnect(Duration min, Duration max) {
            reconnectMin = min;
            reconnectMax = max;
            return this;
        }

        public Builder eventLoopThreads(int value) {
            eventLoopThreads = value;
            return this;
        }

        public Builder nativeIo(boolean value) {
            nativeIo = value;
            return this;
        }

        public Builder maxInboundConnections(int value) {
            maxInboundConnections = value;
            return this;
        }

        public Builder snapshotBytesPerSecond(long value) {
            snapshotBytesPerSecond = value;
            return this;
        }

        public Builder maxSnapshotSends(int value) {
            maxSnapshotSends = value;
            return this;
        }

        public Builder snapshotStallTimeout(Duration value) {
            snapshotStallTimeout = value;
            return this;
        }

        public Builder advertisedAddress(String value) {
            advertisedAddress = value;
            return this;
        }

        public Builder tls(@Nullable TlsOptions value) {
            tls = value;
            return this;
        }

        public NettyTransportOptions build() {
            return new NettyTransportOptions(
                    localId,
                    clusterId,
                    groupId,
                    listenAddress,
                    maxFrameBytes,
                    maxQueuedBytesPerPeer,
                    writeBufferBytes,
                    connectTimeout,
                    handshakeTimeout,
                    idleTimeout,
                    reconnectMin,
                    reconnectMax,
                    eventLoopThreads,
                    nativeIo,
                    maxInboundConnections,
                    snapshotBytesPerSecond,
                    maxSnapshotSends,
                    snapshotStallTimeout,
                    advertisedAddress,
                    tls);
        }
    }
}
