package dev.quorate.raft.transport.netty;

import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/** One end of a test: a transport on a port of its own, and who listens behind it. */
record Member(NodeId id, NettyTransport transport, Recorder heard) implements AutoCloseable {

    static final long CLUSTER = 0xC0FFEE;
    static final long GROUP = 7;
    private static final AtomicInteger NAMES = new AtomicInteger();

    /** A name that no other test uses, so that each finds its own lines in the log. */
    static NodeId name(String prefix) {
        return NodeId.of(prefix + NAMES.incrementAndGet());
    }

    /** Options for loopback: as the defaults, but a lost connection is noticed and dialled again sooner. */
    static NettyTransportOptions.Builder options(NodeId id, long cluster, int port) {
        return NettyTransportOptions.builder(id, cluster, GROUP, "127.0.0.1:" + port)
                .reconnect(Duration.ofMillis(5), Duration.ofMillis(50));
    }

    static Member start(NodeId id) throws IOException {
        return start(id, CLUSTER, 0, UnaryOperator.identity());
    }

    static Member start(NodeId id, UnaryOperator<NettyTransportOptions.Builder> change) throws IOException {
        return start(id, CLUSTER, 0, change);
    }

    static Member start(NodeId id, long cluster, int port, UnaryOperator<NettyTransportOptions.Builder> change)
            throws IOException {
        NettyTransport transport =
                NettyTransport.create(change.apply(options(id, cluster, port)).build());
        Recorder heard = new Recorder();
        transport.timeRoundTrips((peer, nanos) -> heard.roundTrips.add(new Recorder.RoundTrip(peer, nanos)));
        transport.start(heard);
        return new Member(id, transport, heard);
    }

    int port() {
        return transport.boundAddress().getPort();
    }

    String address() {
        return "127.0.0.1:" + port();
    }

    /** Tells each of these members where all of them are. */
    static void introduce(Member... members) {
        Map<NodeId, String> addresses = new HashMap<>();
        for (Member member : members) {
            addresses.put(member.id(), member.address());
        }
        for (Member member : members) {
            member.transport().setPeers(addresses);
        }
    }

    /** Waits until messages get through to the other member, then makes it forget them. */
    void reaches(Member other) throws Exception {
        Message probe = new Message.TimeoutNow(id, other.id(), 1, 0);
        int before = other.heard().messages.size();
        Eventually.until(id + " reaches " + other.id(), () -> {
            transport.send(List.of(probe));
            return other.heard().messages.size() > before;
        });
        Message last = new Message.TimeoutNow(id, other.id(), 2, 0);
        transport.send(List.of(last));
        Eventually.until(
                "the last probe has arrived", () -> other.heard().messages.contains(last));
        other.heard().messages.clear();
    }

    @Override
    public void close() {
        transport.close();
    }
}
