package dev.quorate.raft.transport.netty;

import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.transport.netty.wire.Wire.Header;
import dev.quorate.raft.transport.netty.wire.Wire.Hello;
import dev.quorate.raft.transport.netty.wire.Wire.Refusal;
import dev.quorate.raft.transport.netty.wire.Wire.Welcome;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The listening side's half of the handshake: finds out who is there, and whether they belong here. */
final class AwaitHello implements FrameHandler {

    private final Reception reception;
    private final NettyTransportOptions options;
    private final PeerLog log;
    private @Nullable Future<?> timeout;

    AwaitHello(Reception reception, NettyTransportOptions options, PeerLog log) {
        this.reception = reception;
        this.options = options;
        this.log = log;
    }

    @Override
    public void onOpen(FrameConnection connection) {
        timeout = connection
                .channel()
                .eventLoop()
                .schedule(
                        () -> connection.close("it did not say who it is", true),
                        options.handshakeTimeout().toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    @Override
    public void onOtherVersion(FrameConnection connection, int version) {
        // The preamble and a refusal are what every version can read.
        connection.sendPreamble();
        refuse(
                connection,
                "a peer",
                "it speaks protocol version " + version + ", and " + options.localId() + " version "
                        + Protocol.VERSION);
    }

    @Override
    public void onFrame(FrameConnection connection, Frame frame) throws MalformedFrameException {
        Header header = frame.header();
        if (!header.hasHello() || !frame.payloads().isEmpty()) {
            throw new MalformedFrameException("it begins with a frame of kind " + header.getKindCase());
        }
        connection.sendPreamble();
        Hello hello = header.getHello();
        NodeId from;
        try {
            from = NodeId.of(hello.getFrom());
        } catch (IllegalArgumentException e) {
            refuse(connection, "a peer", Protocol.printable(String.valueOf(e.getMessage())));
            return;
        }
        String fault = faultOf(header.getGroupId(), hello, from);
        if (fault != null) {
            refuse(connection, from.value(), fault);
            return;
        }
        @Nullable
        FrameHandler next = switch (hello.getKind()) {
            case CONNECTION_KIND_MESSAGES -> reception.receiveMessages(from, hello, connection);
            case CONNECTION_KIND_SNAPSHOT -> reception.serveSnapshot(from, connection);
            default -> null;
        };
        if (next == null) {
            refuse(
                    connection,
                    from.value(),
                    "it wants a connection of kind " + hello.getKindValue() + ", which is unknown here");
            return;
        }
        cancelTimeout();
        connection.become(next, options.maxFrameBytes());
        connection.send(
                Frame.of(Header.newBuilder().setGroupId(options.groupId()).setWelcome(Welcome.getDefaultInstance())));
    }

    private @Nullable String faultOf(long groupId, Hello hello, NodeId from) {
        if (hello.getClusterId() != options.clusterId()) {
            return "it belongs to cluster " + hex(hello.getClusterId()) + ", and " + options.localId() + " to cluster "
                    + hex(options.clusterId());
        }
        if (groupId != options.groupId()) {
            return "it belongs to group " + groupId + ", and " + options.localId() + " to group " + options.groupId();
        }
        if (!hello.getTo().equals(options.localId().value())) {
            return "it looks for " + Protocol.printable(hello.getTo()) + ", and this is " + options.localId()
                    + "; check the peer addresses";
        }
        if (from.equals(options.localId())) {
            return "it has the name of " + options.localId() + " itself";
        }
        return reception.faultOf(from, hello);
    }

    private static String hex(long id) {
        return String.format("%016x", id);
    }

    /** Refuses, and says why on both sides. */
    private void refuse(FrameConnection connection, String who, String why) {
        log.stranger("refused a connection from " + who + " at " + connection.remote() + ": " + why);
        connection.sendAndClose(
                Frame.of(Header.newBuilder()
                        .setGroupId(options.groupId())
                        .setRefusal(Refusal.newBuilder().setReason(why))),
                why,
                false);
    }

    @Override
    public void onClosed(FrameConnection connection, String cause, boolean violation) {
        cancelTimeout();
        if (violation) {
            log.stranger("closed a connection from " + connection.remote() + ": " + cause);
        }
    }

    private void cancelTimeout() {
        if (timeout != null) {
            timeout.cancel(false);
        }
    }
}
