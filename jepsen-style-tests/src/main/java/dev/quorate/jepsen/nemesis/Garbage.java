package dev.quorate.jepsen.nemesis;

import dev.quorate.jepsen.cluster.NodeAddress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;

/** Bytes that no client and no peer would send. */
public final class Garbage {

    private static final int CONNECT_TIMEOUT_MILLIS = 500;
    private static final int MAX_RANDOM_BYTES = 64 << 10;

    /** How a connection between peers begins: what follows is read as frames. */
    private static final byte[] PEER_PREAMBLE = concat(ascii("QUORATE"), new byte[] {1});

    private Garbage() {}

    /** One piece of each sort, in this order: noise, lengths that lie, the beginnings of protocols, nothing at all. */
    public static List<byte[]> pieces(Random random) {
        return List.of(
                noise(random, 1 + random.nextInt(MAX_RANDOM_BYTES)),
                noise(random, 3),
                frame(Integer.MAX_VALUE, noise(random, 100)),
                frame(-1, noise(random, 100)),
                frame(0, new byte[0]),
                frame(1 << 20, noise(random, 100)),
                frame(64, noise(random, 64)),
                new byte[4096],
                ascii("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
                concat(ascii("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), noise(random, 2_000)),
                concat(ascii("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), frame(0x00FFFFFF, noise(random, 500))),
                concat(PEER_PREAMBLE, noise(random, 1_000)),
                concat(PEER_PREAMBLE, peerFrame(noise(random, 40), 0)),
                concat(PEER_PREAMBLE, frame(Integer.MAX_VALUE, noise(random, 100))),
                concat(PEER_PREAMBLE, peerFrame(noise(random, 40), 1)),
                concat(ascii("QUORATE"), new byte[] {99}, noise(random, 100)),
                ascii("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
                new byte[0]);
    }

    private static byte[] noise(Random random, int bytes) {
        byte[] noise = new byte[bytes];
        random.nextBytes(noise);
        return noise;
    }

    /** What a frame with a length in front looks like when the length is not to be trusted. */
    private static byte[] frame(int claimedBytes, byte[] body) {
        return ByteBuffer.allocate(Integer.BYTES + body.length)
                .putInt(claimedBytes)
                .put(body)
                .array();
    }

    /** A frame of the peer protocol with a header of noise; its checksum is right if {@code checksumError} is 0. */
    private static byte[] peerFrame(byte[] header, int checksumError) {
        ByteBuffer frame = ByteBuffer.allocate(2 * Integer.BYTES + header.length + Integer.BYTES)
                .putInt(Integer.BYTES + header.length + Integer.BYTES)
                .putInt(header.length)
                .put(header);
        CRC32C crc = new CRC32C();
        crc.update(frame.array(), 0, frame.position());
        return frame.putInt((int) crc.getValue() + checksumError).array();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /** Sends one piece on a connection of its own, and hangs up. That the server hangs up first, or is down, is fine. */
    public static void send(int port, byte[] piece) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_TIMEOUT_MILLIS);
            socket.getOutputStream().write(piece);
            socket.getOutputStream().flush();
        } catch (IOException e) {
            // The one thing that matters is what the server does afterwards, and that the clients see.
            return;
        }
    }

    /** All pieces, to both ports of a node. */
    public static void sendAll(NodeAddress node, Random random) {
        for (byte[] piece : pieces(random)) {
            send(node.peerPort(), piece);
            send(node.clientPort(), piece);
        }
    }
}
