package dev.quorate.kv.rpc;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.KvException;
import dev.quorate.kv.mvcc.RangeResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Encodes the frequent responses. The store keeps pairs as the bytes that belong into a response, so that no message is
 * built only to be written.
 */
final class Responses {

    private static final int HEADER = 1;
    private static final int PUT_PREV_KV = 2;
    private static final int RANGE_KVS = 2;
    private static final int RANGE_MORE = 3;
    private static final int RANGE_COUNT = 4;
    private static final int STREAM_RESPONSE = 1;
    private static final int DELETED = 2;
    private static final int DELETED_PREV_KVS = 3;
    /** Bytes that no array may have: virtual machines keep some for themselves. */
    private static final int MAX_ARRAY_BYTES = Integer.MAX_VALUE - 64;

    private final Headers headers;

    Responses(Headers headers) {
        this.headers = headers;
    }

    private interface Fields {
        void write(CodedOutputStream out) throws IOException;
    }

    /** An etcdserverpb.PutResponse. */
    byte[] put(long revision, byte @Nullable [] previous) throws KvException {
        if (previous == null) {
            return response(revision, 0, out -> {});
        }
        return response(
                revision,
                CodedOutputStream.computeByteArraySize(PUT_PREV_KV, previous),
                out -> out.writeByteArray(PUT_PREV_KV, previous));
    }

    /** An etcdserverpb.RangeResponse. */
    byte[] range(RangeResult result) throws KvException {
        long size = size(RANGE_KVS, result.pairs());
        size += result.more() ? CodedOutputStream.computeBoolSize(RANGE_MORE, true) : 0;
        size += CodedOutputStream.computeInt64Size(RANGE_COUNT, result.count());
        return response(result.revision(), size, out -> {
            write(out, RANGE_KVS, result.pairs());
            if (result.more()) {
                out.writeBool(RANGE_MORE, true);
            }
            out.writeInt64(RANGE_COUNT, result.count());
        });
    }

    /** An etcdserverpb.RangeStreamResponse with pairs and nothing else. */
    byte[] part(List<byte[]> pairs) throws KvException {
        return framed(size(RANGE_KVS, pairs), out -> write(out, RANGE_KVS, pairs));
    }

    /** The last of a range: with header, count, and whether there is more. */
    byte[] lastPart(List<byte[]> pairs, long count, boolean more, long revision) throws KvException {
        byte[] response = range(new RangeResult(pairs, count, more, revision));
        return framed(response.length, out -> out.writeRawBytes(response));
    }

    private static byte[] framed(long size, Fields fields) throws KvException {
        long total = CodedOutputStream.computeTagSize(STREAM_RESPONSE)
                + CodedOutputStream.computeUInt64SizeNoTag(size)
                + size;
        if (total > MAX_ARRAY_BYTES) {
            throw new KvException(KvError.RESPONSE_TOO_LARGE);
        }
        byte[] bytes = new byte[(int) total];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            out.writeTag(STREAM_RESPONSE, WireFormat.WIRETYPE_LENGTH_DELIMITED);
            out.writeUInt32NoTag((int) size);
            fields.write(out);
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes;
    }

    /** An etcdserverpb.DeleteRangeResponse. */
    byte[] deleted(long revision, long deleted, List<byte[]> previous) throws KvException {
        long size = CodedOutputStream.computeInt64Size(DELETED, deleted) + size(DELETED_PREV_KVS, previous);
        return response(revision, size, out -> {
            out.writeInt64(DELETED, deleted);
            write(out, DELETED_PREV_KVS, previous);
        });
    }

    private static long size(int field, List<byte[]> messages) {
        long size = 0;
        for (byte[] message : messages) {
            size += CodedOutputStream.computeByteArraySize(field, message);
        }
        return size;
    }

    private static void write(CodedOutputStream out, int field, List<byte[]> messages) throws IOException {
        for (byte[] message : messages) {
            out.writeByteArray(field, message);
        }
    }

    private byte[] response(long revision, long restSize, Fields rest) throws KvException {
        long term = headers.term();
        int headerSize = headers.size(revision, term);
        long size = CodedOutputStream.computeTagSize(HEADER)
                + CodedOutputStream.computeUInt32SizeNoTag(headerSize)
                + headerSize
                + restSize;
        if (size > MAX_ARRAY_BYTES) {
            throw new KvException(KvError.RESPONSE_TOO_LARGE);
        }
        byte[] bytes = new byte[(int) size];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            out.writeTag(HEADER, 2);
            out.writeUInt32NoTag(headerSize);
            headers.write(out, revision, term);
            rest.write(out);
        } catch (IOException e) {
            throw new UncheckedIOException("a response of " + size + " bytes has another length", e);
        }
        out.checkNoSpaceLeft();
        return bytes;
    }
}
