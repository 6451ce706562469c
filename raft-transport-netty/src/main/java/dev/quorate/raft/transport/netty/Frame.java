package dev.quorate.raft.transport.netty;

import dev.quorate.raft.transport.netty.wire.Wire.Header;
import java.util.List;

/**
 * What travels between members at once.
 *
 * @param header says what this is, and how long each payload is
 * @param payloads as many, and as long, as the header says; handed over, never copied
 */
record Frame(Header header, List<byte[]> payloads) {

    /** A frame that is all header. */
    static Frame of(Header.Builder header) {
        return new Frame(header.build(), List.of());
    }
}
