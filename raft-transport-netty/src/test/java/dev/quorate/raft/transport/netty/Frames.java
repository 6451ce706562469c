package dev.quorate.raft.transport.netty;

import dev.quorate.raft.transport.netty.wire.Wire.ConnectionKind;
import dev.quorate.raft.transport.netty.wire.Wire.Header;
import dev.quorate.raft.transport.netty.wire.Wire.Hello;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;

/** Frames as bytes, and back. */
final class Frames {

    private Frames() {}

    /** What a socket would be given for these frames. */
    static byte[] bytesOf(List<Frame> frames) {
        EmbeddedChannel channel = new EmbeddedChannel();
        FrameWriter writer = new FrameWriter(channel.alloc());
        for (Frame frame : frames) {
            writer.append(frame, FrameWriter.lengthOf(frame));
        }
        writer.writeTo(channel);
        channel.flush();
        ByteBuf all = Unpooled.buffer();
        for (ByteBuf page = channel.readOutbound(); page != null; page = channel.readOutbound()) {
            all.writeBytes(page);
            page.release();
        }
        channel.finishAndReleaseAll();
        return ByteBufUtil.getBytes(all);
    }

    static byte[] bytesOf(Frame frame) {
        return bytesOf(List.of(frame));
    }

    static byte[] bytesOf(Header.Builder header) {
        return bytesOf(Frame.of(header.setGroupId(Member.GROUP)));
    }

    static byte[] hello(long cluster, String from, String to, ConnectionKind kind) {
        return bytesOf(Header.newBuilder()
                .setHello(Hello.newBuilder()
                        .setClusterId(cluster)
                        .setFrom(from)
                        .setTo(to)
                        .setKind(kind)));
    }

    /** Reads bytes that arrive in pieces of the given sizes, over and over; the whole frames among them. */
    static List<Frame> read(byte[] bytes, int maxFrameBytes, List<Integer> pieces) throws MalformedFrameException {
        List<Frame> frames = new ArrayList<>();
        FrameReader reader = new FrameReader(maxFrameBytes);
        for (int from = 0, piece = 0; from < bytes.length; piece++) {
            int count = Math.min(bytes.length - from, pieces.get(piece % pieces.size()));
            reader.read(Unpooled.wrappedBuffer(bytes, from, count), frames::add);
            from += count;
        }
        return frames;
    }
}
