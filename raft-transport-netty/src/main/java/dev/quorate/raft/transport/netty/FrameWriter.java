package dev.quorate.raft.transport.netty;

import com.google.protobuf.CodedOutputStream;
import dev.quorate.raft.transport.netty.wire.Wire.Header;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Lays frames out in direct memory, page after page, and hands all of them to a channel at once.
 *
 * <p>A socket cannot write from the heap: wrapped arrays would be copied into direct memory on their way, piece by piece.
 * Here each payload byte is copied exactly once too, but without an object for each payload, with one checksum call for
 * each page, and small frames share a page and a system call. With 1,024 entries of 256 bytes in a message that is half of
 * the CPU (0.22 µs against 0.45 µs for each entry, both ends together, 2 cores). Pages, rather than one buffer as long as
 * the frame, because the allocator pools small buffers only.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails on a channel closes it, and that is heard of
final class FrameWriter {

    static final int PAGE_BYTES = 64 << 10;
    private static final int SMALLEST_PAGE_BYTES = 1 << 10;
    private static final int PREFIX_BYTES = 8;
    private static final int CRC_BYTES = 4;

    private final ByteBufAllocator allocator;
    private final CRC32C crc = new CRC32C();
    private final List<ByteBuf> pages = new ArrayList<>();
    private ByteBuf page;
    private int checkedTo;
    private long bytes;

    FrameWriter(ByteBufAllocator allocator) {
        this.allocator = allocator;
        this.page = allocator.directBuffer(0, 0);
    }

    /** How long the frame is after its length field. */
    static long lengthOf(Frame frame) {
        long length =
                (long) PREFIX_BYTES - Integer.BYTES + CRC_BYTES + frame.header().getSerializedSize();
        for (byte[] payload : frame.payloads()) {
            length += payload.length;
        }
        return length;
    }

    /** How much was appended since the pages were last handed over. */
    long bytes() {
        return bytes;
    }

    /**
     * Appends a frame.
     *
     * @param length what {@link #lengthOf} says of it
     */
    void append(Frame frame, long length) {
        long end = bytes + Integer.BYTES + length;
        need(PREFIX_BYTES, end);
        // Only now: turning a page adds its last bytes, which are another frame's.
        crc.reset();
        checkedTo = page.writerIndex();
        page.writeInt((int) length);
        page.writeInt(frame.header().getSerializedSize());
        bytes += PREFIX_BYTES;
        append(frame.header(), end);
        for (byte[] payload : frame.payloads()) {
            append(payload, end);
        }
        checksumPage();
        need(CRC_BYTES, end);
        page.writeInt((int) crc.getValue());
        bytes += CRC_BYTES;
    }

    /** Writes all pages to the channel, without a flush. */
    void writeTo(Channel channel) {
        turnPage();
        for (ByteBuf full : pages) {
            channel.write(full, channel.voidPromise());
        }
        pages.clear();
        bytes = 0;
    }

    private void append(Header header, long end) {
        int size = header.getSerializedSize();
        if (size > PAGE_BYTES / 2) {
            append(header.toByteArray(), end);
            return;
        }
        need(size, end);
        CodedOutputStream out = CodedOutputStream.newInstance(page.internalNioBuffer(page.writerIndex(), size));
        try {
            header.writeTo(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("a header of " + size + " bytes could not be written to memory", e);
        }
        page.writerIndex(page.writerIndex() + size);
        bytes += size;
    }

    private void append(byte[] payload, long end) {
        for (int done = 0; done < payload.length; ) {
            need(1, end);
            int part = Math.min(payload.length - done, page.writableBytes());
            page.writeBytes(payload, done, part);
            done += part;
            bytes += part;
        }
    }

    /** Makes sure that so many bytes fit into the current page, else begins a page for the rest of the frame. */
    private void need(int count, long end) {
        if (page.writableBytes() >= count) {
            return;
        }
        checksumPage();
        turnPage();
        long rest = Math.max(Math.max(count, SMALLEST_PAGE_BYTES), end - bytes);
        int capacity = (int) Math.min(PAGE_BYTES, rest);
        page = allocator.directBuffer(capacity, capacity);
        checkedTo = 0;
    }

    private void checksumPage() {
        int count = page.writerIndex() - checkedTo;
        if (count > 0) {
            crc.update(page.internalNioBuffer(checkedTo, count));
            checkedTo += count;
        }
    }

    private void turnPage() {
        if (page.isReadable()) {
            pages.add(page);
        } else {
            page.release();
        }
        page = allocator.directBuffer(0, 0);
    }
}
