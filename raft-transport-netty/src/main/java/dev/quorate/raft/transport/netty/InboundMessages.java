package dev.quorate.raft.transport.netty;

import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.transport.netty.wire.Wire.Header;
import dev.quorate.raft.transport.netty.wire.Wire.Pong;

/** Takes one peer's messages in and hands them to the member, in their order. */
final class InboundMessages implements FrameHandler {

    private final NodeId from;
    private final MessageDecoder decoder;
    private final NettyTransportOptions options;
    private final Acceptor acceptor;
    private final Callbacks callbacks;
    private final PeerLog log;

    private final long identity;
    private final Runnable onClosed;

    /**
     * @param identity which disk the peer says that it has, 0 if it does not say
     * @param onClosed called when the connection has ended
     */
    InboundMessages(
            NodeId from,
            long identity,
            NettyTransportOptions options,
            Acceptor acceptor,
            Callbacks callbacks,
            PeerLog log,
            Runnable onClosed) {
        this.from = from;
        this.identity = identity;
        this.onClosed = onClosed;
        this.decoder = new MessageDecoder(from, options.localId());
        this.options = options;
        this.acceptor = acceptor;
        this.callbacks = callbacks;
        this.log = log;
    }

    @Override
    public void onFrame(FrameConnection connection, Frame frame) throws MalformedFrameException {
        Header header = frame.header();
        if (header.getGroupId() != options.groupId()) {
            throw new MalformedFrameException(
                    "a frame for group " + header.getGroupId() + " came to group " + options.groupId());
        }
        if (header.hasPing()) {
            if (!connection.channel().isWritable()) {
                throw new MalformedFrameException("it pings without reading the answers");
            }
            connection.send(
                    Frame.of(Header.newBuilder().setGroupId(options.groupId()).setPong(Pong.getDefaultInstance())));
            return;
        }
        callbacks.message(decoder.decode(frame), identity);
    }

    @Override
    public void onClosed(FrameConnection connection, String cause, boolean violation) {
        acceptor.unregister(from, connection);
        onClosed.run();
        if (violation) {
            log.stranger("closed the connection from " + from + " at " + connection.remote() + ": " + cause);
        }
    }
}
