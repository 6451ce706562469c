package dev.quorate.jepsen.client;

import com.google.protobuf.ByteString;
import dev.quorate.jepsen.history.Seen;
import dev.quorate.kv.api.KeyValue;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Keys and values as they travel. */
final class Wire {

    /**
     * Values are filled up with blanks to this size, so that the servers' files and messages have some weight; 256 is what
     * many stores' values are like.
     */
    private static final int VALUE_BYTES = 256;

    private Wire() {}

    static ByteString key(String key) {
        return ByteString.copyFrom(key, StandardCharsets.US_ASCII);
    }

    static ByteString value(String value) {
        byte[] bytes = new byte[Math.max(VALUE_BYTES, value.length())];
        Arrays.fill(bytes, (byte) ' ');
        System.arraycopy(value.getBytes(StandardCharsets.US_ASCII), 0, bytes, 0, value.length());
        return ByteString.copyFrom(bytes);
    }

    /** @param answer the pairs of an answer about one key: one or none */
    static Seen seen(List<KeyValue> answer) {
        return answer.isEmpty() ? Seen.ABSENT : seen(answer.get(0));
    }

    static Seen seen(KeyValue pair) {
        return new Seen(pair.getValue().toStringUtf8().stripTrailing(), pair.getModRevision());
    }
}
