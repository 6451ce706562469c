package dev.quorate.raft.transport.netty;

import dev.quorate.raft.transport.netty.wire.Wire.ConnectionKind;
import dev.quorate.raft.transport.netty.wire.Wire.Header;
import dev.quorate.raft.transport.netty.wire.Wire.Hello;
import dev.quorate.raft.transport.netty.wire.Wire.Welcome;
import io.netty.buffer.Unpooled;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** Somebody at the other end of a socket who does exactly what a test says, byte by byte. */
final class Stranger implements Closeable {

    private static final int TIMEOUT_MILLIS = 20_000;

    private final Socket socket;
    private final InputStream in;
    private final FrameReader reader = new FrameReader(64 << 20);
    private final Queue<Frame> frames = new ArrayDeque<>();
    private Hello hello = Hello.getDefaultInstance();

    Stranger(Socket socket) throws IOException {
        this.socket = socket;
        this.in = socket.getInputStream();
        socket.setSoTimeout(TIMEOUT_MILLIS);
    }

    static Stranger connect(Member to) throws IOException {
        return new Stranger(new Socket(InetAddress.getLoopbackAddress(), to.port()));
    }

    /** Says Hello as a member would, and reads the Welcome. */
    static Stranger shakeHands(Member to, String as, ConnectionKind kind) throws Exception {
        Stranger stranger = connect(to);
        stranger.send(Protocol.preamble());
        stranger.send(Frames.hello(Member.CLUSTER, as, to.id().value(), kind));
        stranger.readPreamble();
        Frame answer = stranger.read();
        if (!answer.header().hasWelcome()) {
            throw new AssertionError("instead of Welcome came " + answer);
        }
        return stranger;
    }

    /** Takes the next connection as a member would. */
    static Stranger welcome(ServerSocket server) throws Exception {
        Stranger stranger = new Stranger(server.accept());
        stranger.readPreamble();
        stranger.hello = stranger.read().header().getHello();
        stranger.send(Protocol.preamble());
        stranger.send(Frames.bytesOf(Header.newBuilder().setWelcome(Welcome.getDefaultInstance())));
        return stranger;
    }

    static ServerSocket listen() throws IOException {
        ServerSocket server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        server.setSoTimeout(TIMEOUT_MILLIS);
        return server;
    }

    /** What the dialler wants, as it said to {@link #welcome}. */
    ConnectionKind helloKind() {
        return hello.getKind();
    }

    int localPort() {
        return socket.getLocalPort();
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    byte[] readPreamble() throws IOException {
        return in.readNBytes(Protocol.PREAMBLE_BYTES);
    }

    Frame read() throws Exception {
        Frame frame = readOrEnd();
        if (frame == null) {
            throw new AssertionError("the connection was closed");
        }
        return frame;
    }

    /** True if bytes have come that were not read. */
    boolean hasInput() throws IOException {
        return !frames.isEmpty() || in.available() > 0;
    }

    /** The next frame, or null if the other side closed the connection. */
    @Nullable
    Frame readOrEnd() throws Exception {
        byte[] buffer = new byte[64 << 10];
        while (frames.isEmpty()) {
            int count;
            try {
                count = in.read(buffer);
            } catch (java.net.SocketException e) {
                return null;
            }
            if (count < 0) {
                return null;
            }
            reader.read(Unpooled.wrappedBuffer(buffer, 0, count), frames::add);
        }
        return frames.remove();
    }

    /** Waits until the other side has closed the connection. */
    void awaitEnd() throws Exception {
        while (readOrEnd() != null) {
            // Pings and the like do not count.
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
