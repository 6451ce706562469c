package dev.quorate.kv.cli.bench;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.KVGrpc;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.RangeRequest;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Requests as bytes that are ready to send, and answers of which only the length is looked at: the load generator shares the
 * machine with the servers, and what it does not compute does not disturb them.
 */
final class RawMessages {

    /** {@code prefix} and as many digits: the keys of a run are all of one length. */
    static final int KEY_DIGITS = 9;

    static final MethodDescriptor<byte[], Integer> PUT =
            raw(KVGrpc.getPutMethod().getFullMethodName());
    static final MethodDescriptor<byte[], Integer> RANGE =
            raw(KVGrpc.getRangeMethod().getFullMethodName());

    static final MethodDescriptor<byte[], Integer> TXN =
            raw(KVGrpc.getTxnMethod().getFullMethodName());

    private RawMessages() {}

    /** A request whose key ends in {@link #KEY_DIGITS} digits, which {@link #withNumber} sets. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Template(byte[] bytes, int digitsAt) {

        byte[] withNumber(long number) {
            byte[] request = bytes.clone();
            long rest = number;
            for (int i = digitsAt + KEY_DIGITS - 1; i >= digitsAt; i--) {
                request[i] = (byte) ('0' + rest % 10);
                rest /= 10;
            }
            return request;
        }
    }

    static Template put(String prefix, byte[] value) {
        PutRequest request = PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(key(prefix, 0)))
                .setValue(ByteString.copyFrom(value))
                .build();
        return template(request.toByteArray(), prefix);
    }

    static Template get(String prefix, boolean serializable) {
        RangeRequest request = RangeRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(key(prefix, 0)))
                .setSerializable(serializable)
                .build();
        return template(request.toByteArray(), prefix);
    }

    static String key(String prefix, long number) {
        String digits = Long.toString(number);
        return prefix + "0".repeat(KEY_DIGITS - digits.length()) + digits;
    }

    /** The key is field 1, a string shorter than 128 bytes: tag, one byte of length, prefix, digits. */
    private static Template template(byte[] bytes, String prefix) {
        return new Template(bytes, 2 + prefix.getBytes(StandardCharsets.UTF_8).length);
    }

    private static MethodDescriptor<byte[], Integer> raw(String name) {
        return MethodDescriptor.newBuilder(new Bytes(), new Length())
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName(name)
                .build();
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new Ready(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static final class Length implements MethodDescriptor.Marshaller<Integer> {
        @Override
        public InputStream stream(Integer value) {
            throw new UnsupportedOperationException("a length is received, not sent");
        }

        @Override
        public Integer parse(InputStream stream) {
            try {
                return stream.available();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Tells gRPC its length, and copies itself into gRPC's buffer in one go. */
    private static final class Ready extends ByteArrayInputStream implements KnownLength, Drainable {
        Ready(byte[] bytes) {
            super(bytes);
        }

        @Override
        public synchronized int drainTo(OutputStream target) throws IOException {
            int length = count - pos;
            target.write(buf, pos, length);
            pos = count;
            return length;
        }
    }
}
