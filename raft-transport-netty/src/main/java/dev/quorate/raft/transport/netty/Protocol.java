package dev.quorate.raft.transport.netty;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What both ends of a connection must agree on, beside {@code wire.proto}. */
final class Protocol {

    /** Raised when a member of the older version could misunderstand one of the newer. */
    static final int VERSION = 1;

    static final int PREAMBLE_BYTES = 8;

    /** The longest frame before both ends know each other: names and a reason fit, a flood of strangers stays small. */
    static final int MAX_HANDSHAKE_FRAME_BYTES = 4 << 10;

    /**
     * The most payloads in one frame. Each costs some 60 bytes of objects here for as little as one byte there, so a
     * frame's length alone would not bound the memory that it takes.
     */
    static final int MAX_PAYLOADS = 1 << 20;

    /** The longest protobuf part of a frame: the lengths of {@link #MAX_PAYLOADS} payloads, or a large manifest. */
    static final int MAX_HEADER_BYTES = 8 << 20;

    private static final byte[] MAGIC = "QUORATE".getBytes(StandardCharsets.US_ASCII);
    private static final int MAX_PRINTED_CHARS = 256;

    private Protocol() {}

    static byte[] preamble() {
        return preamble(VERSION);
    }

    static byte[] preamble(int version) {
        byte[] preamble = java.util.Arrays.copyOf(MAGIC, PREAMBLE_BYTES);
        preamble[PREAMBLE_BYTES - 1] = (byte) version;
        return preamble;
    }

    /** What is wrong with the first eight bytes of a connection, or null if they are those of this protocol. */
    static @Nullable String faultOf(byte[] preamble) {
        for (int i = 0; i < MAGIC.length; i++) {
            if (preamble[i] != MAGIC[i]) {
                return "not a Quorate peer: it begins with \""
                        + printable(new String(preamble, StandardCharsets.ISO_8859_1)) + "\"";
            }
        }
        return null;
    }

    static int versionOf(byte[] preamble) {
        return Byte.toUnsignedInt(preamble[PREAMBLE_BYTES - 1]);
    }

    /** Text from the network, fit for a log line: of bounded length and without control characters. */
    static String printable(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length() && i < MAX_PRINTED_CHARS; i++) {
            char c = text.charAt(i);
            out.append(c >= ' ' && c <= '~' ? c : '.');
        }
        return text.length() > MAX_PRINTED_CHARS ? out.append("...").toString() : out.toString();
    }
}
