package dev.quorate.raft.transport.netty;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.quorate.raft.transport.netty.wire.Wire.Header;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Takes frames out of a stream of bytes that arrives in pieces of any size.
 *
 * <p>Payloads are copied from the socket's buffer straight into the arrays that they will live in; the frame as a whole is
 * never gathered. A frame is handed on only when its checksum was found right. Until then its header is a guess: every
 * number in it is checked before it is acted upon.
 */
final class FrameReader {

    /** Takes whole frames. */
    interface Sink {
        void onFrame(Frame frame) throws MalformedFrameException;
    }

    private static final byte[] NOTHING = new byte[0];
    private static final byte[][] NO_PAYLOADS = new byte[0][];
    private static final int PREFIX_BYTES = 8;
    private static final int CRC_BYTES = 4;
    /** A header has a kind at least: a tag and a length. */
    private static final int MIN_HEADER_BYTES = 2;

    private final CRC32C crc = new CRC32C();
    private final byte[] small = new byte[PREFIX_BYTES];
    private int maxFrameBytes;

    private int smallRead;
    private boolean inBody;
    private int bodyRemaining;
    private int headerBytes;
    private int payloadBytes;
    private byte @Nullable [] partialHeader;
    private int partialHeaderRead;
    private @Nullable Header header;
    private byte[][] payloads = NO_PAYLOADS;
    private int payload;
    private int payloadRead;

    FrameReader(int maxFrameBytes) {
        this.maxFrameBytes = maxFrameBytes;
    }

    /** From the next frame on, this is the longest one that is taken. */
    void limit(int newMaxFrameBytes) {
        maxFrameBytes = newMaxFrameBytes;
    }

    /** Reads all of {@code in}. After an exception this reader must not be used again. */
    void read(ByteBuf in, Sink sink) throws MalformedFrameException {
        while (in.isReadable()) {
            if (!inBody) {
                readPrefix(in);
            } else if (bodyRemaining > 0) {
                readBody(in);
            } else {
                readChecksum(in, sink);
            }
        }
    }

    private void readPrefix(ByteBuf in) throws MalformedFrameException {
        if (!readSmall(in, PREFIX_BYTES)) {
            return;
        }
        ByteBuffer prefix = ByteBuffer.wrap(small);
        int length = prefix.getInt();
        headerBytes = prefix.getInt();
        if (length < 0 || length > maxFrameBytes) {
            throw new MalformedFrameException("a frame of " + Integer.toUnsignedLong(length)
                    + " bytes exceeds the limit of " + maxFrameBytes + " bytes");
        }
        bodyRemaining = length - Integer.BYTES - CRC_BYTES;
        if (headerBytes < MIN_HEADER_BYTES || headerBytes > bodyRemaining || headerBytes > Protocol.MAX_HEADER_BYTES) {
            throw new MalformedFrameException("a frame of " + length + " bytes cannot have a header of "
                    + Integer.toUnsignedLong(headerBytes) + " bytes");
        }
        payloadBytes = bodyRemaining - headerBytes;
        crc.reset();
        crc.update(small, 0, PREFIX_BYTES);
        inBody = true;
    }

    private void readBody(ByteBuf in) throws MalformedFrameException {
        int count = Math.min(in.readableBytes(), bodyRemaining);
        int end = in.readerIndex() + count;
        crc.update(in.nioBuffer(in.readerIndex(), count));
        if (header == null) {
            readHeader(in, end);
        }
        while (in.readerIndex() < end) {
            readPayload(in, end);
        }
        bodyRemaining -= count;
    }

    private void readHeader(ByteBuf in, int end) throws MalformedFrameException {
        int available = end - in.readerIndex();
        if (partialHeader == null && available >= headerBytes) {
            ByteBuffer bytes = in.nioBuffer(in.readerIndex(), headerBytes);
            in.skipBytes(headerBytes);
            acceptHeader(bytes);
            return;
        }
        if (partialHeader == null) {
            partialHeader = new byte[headerBytes];
        }
        int part = Math.min(available, headerBytes - partialHeaderRead);
        in.readBytes(partialHeader, partialHeaderRead, part);
        partialHeaderRead += part;
        if (partialHeaderRead == headerBytes) {
            acceptHeader(ByteBuffer.wrap(partialHeader));
        }
    }

    private void acceptHeader(ByteBuffer bytes) throws MalformedFrameException {
        Header parsed;
        try {
            parsed = Header.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new MalformedFrameException(
                    "a frame's header of " + headerBytes + " bytes is no protobuf message of this protocol");
        }
        int count = parsed.getPayloadBytesCount();
        if (count > Protocol.MAX_PAYLOADS) {
            throw new MalformedFrameException(
                    "a frame of " + count + " payloads exceeds the limit of " + Protocol.MAX_PAYLOADS);
        }
        long sum = 0;
        byte[][] places = count == 0 ? NO_PAYLOADS : new byte[count][];
        for (int i = 0; i < count; i++) {
            int size = parsed.getPayloadBytes(i);
            sum += Integer.toUnsignedLong(size);
            places[i] = NOTHING;
        }
        if (sum != payloadBytes) {
            throw new MalformedFrameException(
                    "a frame announces payloads of " + sum + " bytes and has " + payloadBytes + " bytes for them");
        }
        header = parsed;
        payloads = places;
        payload = -1;
        payloadRead = 0;
    }

    private void readPayload(ByteBuf in, int end) {
        if (payload < 0 || payloadRead == payloads[payload].length) {
            beginPayload();
        }
        byte[] target = payloads[payload];
        int part = Math.min(end - in.readerIndex(), target.length - payloadRead);
        in.readBytes(target, payloadRead, part);
        payloadRead += part;
    }

    /** Goes on to the next payload that is not empty; there is one, because the lengths add up. */
    private void beginPayload() {
        Header sizes = headerOfThisFrame();
        do {
            payload++;
        } while (sizes.getPayloadBytes(payload) == 0);
        payloads[payload] = new byte[sizes.getPayloadBytes(payload)];
        payloadRead = 0;
    }

    private void readChecksum(ByteBuf in, Sink sink) throws MalformedFrameException {
        if (!readSmall(in, CRC_BYTES)) {
            return;
        }
        int expected = ByteBuffer.wrap(small).getInt();
        if (expected != (int) crc.getValue()) {
            throw new MalformedFrameException(String.format(
                    "a frame's checksum is %08x, and its bytes have %08x: it was damaged on its way",
                    expected, (int) crc.getValue()));
        }
        Frame frame = new Frame(headerOfThisFrame(), Arrays.asList(payloads));
        inBody = false;
        header = null;
        partialHeader = null;
        partialHeaderRead = 0;
        payloads = NO_PAYLOADS;
        sink.onFrame(frame);
    }

    private Header headerOfThisFrame() {
        if (header == null) {
            throw new IllegalStateException("a frame's body ended before its header");
        }
        return header;
    }

    /** Gathers so many bytes in {@code small}; true when they are all there. */
    private boolean readSmall(ByteBuf in, int count) {
        int part = Math.min(in.readableBytes(), count - smallRead);
        in.readBytes(small, smallRead, part);
        smallRead += part;
        if (smallRead < count) {
            return false;
        }
        smallRead = 0;
        return true;
    }
}
