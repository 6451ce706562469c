package dev.quorate.kv.command;

import com.google.protobuf.CodedInputStream;
import dev.quorate.kv.mvcc.Writer;
import java.io.IOException;
import java.util.Arrays;

/**
 * Reads an etcdserverpb.PutRequest where it stands, without making objects of it: the value is copied once, from the log
 * entry into the store's tables.
 *
 * @param keyOffset where the key stands
 * @param valueOffset where the value stands
 */
public record PutFields(
        int keyOffset,
        int keyLength,
        int valueOffset,
        int valueLength,
        long lease,
        boolean prevKv,
        boolean ignoreValue,
        boolean ignoreLease) {

    private static final int KEY = 1;
    private static final int VALUE = 2;
    private static final int LEASE = 3;
    private static final int PREV_KV = 4;
    private static final int IGNORE_VALUE = 5;
    private static final int IGNORE_LEASE = 6;
    private static final int WIRE_TYPE_BITS = 3;

    /**
     * Reads the request that stands in {@code bytes} from {@code offset} to the end. A field that comes twice counts the last
     * time, and an unknown one is skipped, as protobuf has it.
     *
     * @throws IOException if the bytes are no message
     */
    public static PutFields read(byte[] bytes, int offset) throws IOException {
        int keyOffset = offset;
        int keyLength = 0;
        int valueOffset = offset;
        int valueLength = 0;
        long lease = 0;
        boolean prevKv = false;
        boolean ignoreValue = false;
        boolean ignoreLease = false;
        CodedInputStream in = CodedInputStream.newInstance(bytes, offset, bytes.length - offset);
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case KEY << WIRE_TYPE_BITS | 2 -> {
                    keyLength = in.readRawVarint32();
                    keyOffset = offset + in.getTotalBytesRead();
                    in.skipRawBytes(keyLength);
                }
                case VALUE << WIRE_TYPE_BITS | 2 -> {
                    valueLength = in.readRawVarint32();
                    valueOffset = offset + in.getTotalBytesRead();
                    in.skipRawBytes(valueLength);
                }
                case LEASE << WIRE_TYPE_BITS -> lease = in.readInt64();
                case PREV_KV << WIRE_TYPE_BITS -> prevKv = in.readBool();
                case IGNORE_VALUE << WIRE_TYPE_BITS -> ignoreValue = in.readBool();
                case IGNORE_LEASE << WIRE_TYPE_BITS -> ignoreLease = in.readBool();
                default -> in.skipField(tag);
            }
        }
        return new PutFields(keyOffset, keyLength, valueOffset, valueLength, lease, prevKv, ignoreValue, ignoreLease);
    }

    /** The same for the writer. The key is copied, the value is not. */
    Writer.Put toPut(byte[] bytes, boolean wantsPrevious) {
        return new Writer.Put(
                Arrays.copyOfRange(bytes, keyOffset, keyOffset + keyLength),
                bytes,
                valueOffset,
                valueLength,
                lease,
                ignoreValue,
                ignoreLease,
                wantsPrevious && prevKv);
    }
}
