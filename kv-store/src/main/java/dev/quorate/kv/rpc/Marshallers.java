package dev.quorate.kv.rpc;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import com.google.protobuf.UnsafeByteOperations;
import dev.quorate.kv.command.Command;
import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.KvException;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;

/** Messages that stay bytes on their way through the server. */
final class Marshallers {

    private Marshallers() {}

    /**
     * A request on its way to become a {@link Command}: read from the network to behind the room for the command's header.
     */
    static final Marshaller<byte[]> COMMAND = new Marshaller<>() {
        @Override
        public InputStream stream(byte[] command) {
            return new Bytes(Arrays.copyOfRange(command, Command.HEADER_BYTES, command.length));
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                if (!(stream instanceof KnownLength)) { // compressed
                    byte[] request = stream.readAllBytes();
                    byte[] command = new byte[Command.HEADER_BYTES + request.length];
                    System.arraycopy(request, 0, command, Command.HEADER_BYTES, request.length);
                    return command;
                }
                int length = stream.available();
                byte[] command = new byte[Command.HEADER_BYTES + length];
                stream.readNBytes(command, Command.HEADER_BYTES, length);
                return command;
            } catch (IOException e) {
                throw Status.INTERNAL
                        .withDescription("a request cannot be read")
                        .withCause(e)
                        .asRuntimeException();
            }
        }
    };

    /** A response that was encoded by hand. */
    static final Marshaller<byte[]> ENCODED = new Marshaller<>() {
        @Override
        public InputStream stream(byte[] message) {
            return new Bytes(message);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw Status.INTERNAL
                        .withDescription("a response cannot be read")
                        .withCause(e)
                        .asRuntimeException();
            }
        }
    };

    /** Reads the request out of a future command; its byte strings share the command's memory. */
    static <T> T request(Parser<T> parser, byte[] command) throws KvException {
        try {
            return parser.parseFrom(UnsafeByteOperations.unsafeWrap(
                    command, Command.HEADER_BYTES, command.length - Command.HEADER_BYTES));
        } catch (InvalidProtocolBufferException e) {
            throw new KvException(KvError.MALFORMED);
        }
    }

    /** Lets gRPC copy the bytes straight into its frame. */
    private static final class Bytes extends ByteArrayInputStream implements Drainable, KnownLength {

        Bytes(byte[] bytes) {
            super(bytes);
        }

        @Override
        public int drainTo(OutputStream target) throws IOException {
            int length = count - pos;
            target.write(buf, pos, length);
            pos = count;
            return length;
        }
    }
}
