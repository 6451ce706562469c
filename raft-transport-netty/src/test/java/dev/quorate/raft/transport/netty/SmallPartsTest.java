package dev.quorate.raft.transport.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.raft.transport.netty.wire.Wire.SnapshotFile;
import dev.quorate.raft.transport.netty.wire.Wire.SnapshotManifest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Backoff, rates, names, addresses. */
class SmallPartsTest {

    @Test
    void backoffDoublesToItsLimitAndStaysInTheUpperHalf() {
        Backoff backoff = new Backoff(Duration.ofMillis(50), Duration.ofMillis(400), new Random(1));

        for (long expected : new long[] {50, 100, 200, 400, 400, 400}) {
            long delay = backoff.nextDelayMillis();
            assertTrue(delay >= expected / 2 && delay <= expected, delay + " of " + expected);
        }
        backoff.reset();
        assertTrue(backoff.nextDelayMillis() <= 50);
    }

    @Test
    void aFloodOfLinesBecomesAFewAndACount() {
        LogLimiter limiter = new LogLimiter(2, 1_000, 0);
        List<String> shown = new ArrayList<>();

        for (int i = 0; i < 10; i++) {
            limiter.log("line " + i, 10, shown::add);
        }
        limiter.log("later", 1_010, shown::add);

        assertEquals(List.of("line 0", "line 1", "later (and 8 such lines were not shown)"), shown);
    }

    @Test
    void theRateIsKeptOverTimeAndIdleTimeIsNotSavedUp() {
        RateLimiter rate = new RateLimiter(1_000, 0);

        assertEquals(0, rate.reserve(500, 0));
        assertEquals(500_000_000, rate.reserve(500, 0));
        assertEquals(0, rate.reserve(500, 5_000_000_000L));
        assertEquals(500_000_000, rate.reserve(1, 5_000_000_000L));
    }

    @Test
    void addressesAreHostAndPort() {
        assertEquals(new HostPort("10.0.0.7", 2380), HostPort.parse("10.0.0.7:2380"));
        assertEquals(new HostPort("n1.example", 1), HostPort.parse("n1.example:1"));
        assertEquals(new HostPort("::1", 2380), HostPort.parse("[::1]:2380"));
        assertEquals("[::1]:2380", HostPort.parse("[::1]:2380").toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "n1", ":2380", "n1:", "n1:x", "n1:65536", "::1:2380", "[n1]:2380", "n1:-1", "n1:+1"})
    void anAddressOfAnotherFormIsRefusedByName(String text) {
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> HostPort.parse(text));

        assertTrue(String.valueOf(refused.getMessage()).startsWith("peer address '" + text + "' is not usable"));
    }

    @Test
    void aFileNameThatCouldLeaveItsDirectoryIsRefused() throws Exception {
        SnapshotFiles.decode(manifest("000012.sst", 32));

        assertThrows(IOException.class, () -> SnapshotFiles.decode(manifest("../x", 32)));
    }

    @Test
    void aHashOfAnotherLengthIsRefused() {
        assertThrows(IOException.class, () -> SnapshotFiles.decode(manifest("x", 31)));
    }

    @Test
    void textFromTheNetworkCannotForgeLogLines() {
        assertEquals("a.b..c", Protocol.printable("a\nb\r\u001bc"));
        assertEquals(259, Protocol.printable("x".repeat(1_000)).length());
    }

    @Test
    void aStrangersFirstBytesAreNamed() {
        assertNull(Protocol.faultOf(Protocol.preamble()));
        assertEquals(
                "not a Quorate peer: it begins with \"GET / HT\"",
                Protocol.faultOf("GET / HT".getBytes(StandardCharsets.US_ASCII)));
    }

    private static SnapshotManifest manifest(String name, int hashBytes) {
        return SnapshotManifest.newBuilder()
                .addFiles(SnapshotFile.newBuilder().setName(name).setSha256(ByteString.copyFrom(new byte[hashBytes])))
                .build();
    }
}
