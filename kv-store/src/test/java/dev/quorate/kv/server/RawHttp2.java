package dev.quorate.kv.server;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** HTTP/2 by hand (RFC 9113), for what no well-behaved library sends. */
final class RawHttp2 implements AutoCloseable {

    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final int GO_AWAY = 7;
    static final int CONTINUATION = 9;

    static final int END_STREAM = 1;
    static final int END_HEADERS = 4;
    static final int ACK = 1;

    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int PATIENCE_MILLIS = 20_000;

    private final Socket socket;
    private final OutputStream out;
    private final DataInputStream in;

    RawHttp2(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        out = socket.getOutputStream();
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        out.write(PREFACE);
        send(SETTINGS, 0, 0);
    }

    /** What a server sent. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Frame(int type, int flags, int stream, byte[] payload) {

        /** Of a frame that ends a stream or the connection. */
        int errorCode() {
            return ByteBuffer.wrap(payload).getInt(type == GO_AWAY ? Integer.BYTES : 0);
        }
    }

    static byte[] frame(int type, int flags, int stream, byte... payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .put((byte) (payload.length >> 16))
                .putShort((short) payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    void send(int type, int flags, int stream, byte... payload) throws IOException {
        out.write(frame(type, flags, stream, payload));
    }

    void send(byte[] frames) throws IOException {
        out.write(frames);
    }

    /** The headers of a gRPC call, each as a literal that nobody has to remember (RFC 7541 §6.2.2). */
    static byte[] call(String method) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        List<String> headers = List.of(
                ":method",
                "POST",
                ":scheme",
                "http",
                ":path",
                "/" + method,
                ":authority",
                "x",
                "te",
                "trailers",
                "content-type",
                "application/grpc");
        for (int i = 0; i < headers.size(); i += 2) {
            block.write(0);
            literal(block, headers.get(i));
            literal(block, headers.get(i + 1));
        }
        return block.toByteArray();
    }

    /** The same with one more header, whose value may have bytes that are not ASCII. */
    static byte[] withLatin1(byte[] headers, String name, String value) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.writeBytes(headers);
        block.write(0);
        literal(block, name);
        literal(block, value);
        return block.toByteArray();
    }

    private static void literal(ByteArrayOutputStream block, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        block.write(bytes.length); // shorter than 127
        block.writeBytes(bytes);
    }

    /** A message as gRPC frames it. */
    static byte[] message(byte... bytes) {
        return ByteBuffer.allocate(5 + bytes.length)
                .put((byte) 0)
                .putInt(bytes.length)
                .put(bytes)
                .array();
    }

    /** The next frame; null if the server has closed the connection. */
    @Nullable
    Frame read() throws IOException {
        try {
            int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            int stream = in.readInt();
            byte[] payload = new byte[length];
            in.readFully(payload);
            return new Frame(type, flags, stream, payload);
        } catch (EOFException | SocketException e) {
            return null;
        }
    }

    /** Reads until a frame of this kind, which is answered, or until the connection is closed: null then. */
    @Nullable
    Frame readUntil(int type) throws IOException {
        Frame frame = read();
        while (frame != null && (frame.type() != type || (type == SETTINGS && (frame.flags() & ACK) != 0))) {
            frame = read();
        }
        return frame;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
