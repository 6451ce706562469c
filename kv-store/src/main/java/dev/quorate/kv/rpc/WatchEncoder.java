package dev.quorate.kv.rpc;

import com.google.protobuf.CodedOutputStream;
import dev.quorate.kv.mvcc.KeyChange;
import java.io.IOException;
import java.util.List;

/**
 * Writes {@code etcdserverpb.WatchResponse} messages with events: the pairs are copied once, from where the store has them into the
 * message.
 */
final class WatchEncoder {

    private static final int HEADER_TAG = 1 << 3 | 2;
    private static final int WATCH_ID_TAG = 2 << 3;
    private static final int FRAGMENT_TAG = 7 << 3;
    private static final int EVENTS_TAG = 11 << 3 | 2;

    private static final int EVENT_TYPE_TAG = 1 << 3;
    private static final int EVENT_DELETE = 1;
    private static final int EVENT_PAIR_TAG = 2 << 3 | 2;
    private static final int EVENT_PREVIOUS_TAG = 3 << 3 | 2;

    /** What a message has beside its events, at the most. */
    static final int OVERHEAD_BYTES = 128;

    private final Headers headers;

    WatchEncoder(Headers headers) {
        this.headers = headers;
    }

    /** @param hasMore whether more events of the same revision follow in another message */
    byte[] events(long watchId, List<KeyChange> changes, long revision, boolean hasMore, boolean withPrevious) {
        long term = headers.term();
        int headerSize = headers.size(revision, term);
        int size = 1 + CodedOutputStream.computeUInt32SizeNoTag(headerSize) + headerSize;
        size += watchId == 0 ? 0 : 1 + CodedOutputStream.computeInt64SizeNoTag(watchId);
        size += hasMore ? 2 : 0;
        for (KeyChange change : changes) {
            int event = eventBytes(change, withPrevious);
            size += 1 + CodedOutputStream.computeUInt32SizeNoTag(event) + event;
        }
        byte[] bytes = new byte[size];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            out.writeUInt32NoTag(HEADER_TAG);
            out.writeUInt32NoTag(headerSize);
            headers.write(out, revision, term);
            if (watchId != 0) {
                out.writeUInt32NoTag(WATCH_ID_TAG);
                out.writeInt64NoTag(watchId);
            }
            if (hasMore) {
                out.writeUInt32NoTag(FRAGMENT_TAG);
                out.writeBoolNoTag(true);
            }
            for (KeyChange change : changes) {
                write(out, change, withPrevious);
            }
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new IllegalStateException("a watch response does not fit into the room that was measured for it", e);
        }
        return bytes;
    }

    /** How many bytes an event takes in a message, without its own length. */
    static int eventBytes(KeyChange change, boolean withPrevious) {
        int size = change.isDelete() ? 2 : 0;
        size += 1 + CodedOutputStream.computeUInt32SizeNoTag(change.pairLength()) + change.pairLength();
        byte[] previous = withPrevious ? change.previousPair() : null;
        if (previous != null) {
            size += 1 + CodedOutputStream.computeUInt32SizeNoTag(previous.length) + previous.length;
        }
        return size;
    }

    private static void write(CodedOutputStream out, KeyChange change, boolean withPrevious) throws IOException {
        out.writeUInt32NoTag(EVENTS_TAG);
        out.writeUInt32NoTag(eventBytes(change, withPrevious));
        if (change.isDelete()) {
            out.writeUInt32NoTag(EVENT_TYPE_TAG);
            out.writeUInt32NoTag(EVENT_DELETE);
        }
        out.writeUInt32NoTag(EVENT_PAIR_TAG);
        out.writeUInt32NoTag(change.pairLength());
        out.writeRawBytes(change.pairSource(), change.pairOffset(), change.pairLength());
        byte[] previous = withPrevious ? change.previousPair() : null;
        if (previous != null) {
            out.writeUInt32NoTag(EVENT_PREVIOUS_TAG);
            out.writeUInt32NoTag(previous.length);
            out.writeRawBytes(previous);
        }
    }
}
