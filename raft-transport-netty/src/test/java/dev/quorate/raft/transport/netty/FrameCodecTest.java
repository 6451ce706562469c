package dev.quorate.raft.transport.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.model.Message;
import dev.quorate.raft.transport.netty.wire.Wire.AppendEntries;
import dev.quorate.raft.transport.netty.wire.Wire.EntryRun;
import dev.quorate.raft.transport.netty.wire.Wire.Header;
import dev.quorate.raft.transport.netty.wire.Wire.TimeoutNow;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Assertions;

/** Messages on their way through bytes. */
class FrameCodecTest {

    private static final int LIMIT = 64 << 20;
    private static final MessageDecoder DECODER = new MessageDecoder(Messages.FROM, Messages.TO);

    @Provide
    Arbitrary<Message> messages() {
        return Messages.any();
    }

    @Provide
    Arbitrary<List<Integer>> pieces() {
        return Arbitraries.oneOf(
                        Arbitraries.integers().between(1, 9),
                        Arbitraries.integers().between(10, 100_000))
                .list()
                .ofMinSize(1)
                .ofMaxSize(6);
    }

    @Property(tries = 300)
    void whatIsEncodedDecodesToTheSameInWhateverPiecesItArrives(
            @ForAll @Size(min = 1, max = 5) List<@From("messages") Message> sent,
            @ForAll("pieces") List<Integer> pieces)
            throws Exception {
        List<Frame> frames =
                sent.stream().map(m -> MessageEncoder.encode(Member.GROUP, m)).toList();

        List<Frame> arrived = Frames.read(Frames.bytesOf(frames), LIMIT, pieces);

        assertEquals(sent.size(), arrived.size());
        for (int i = 0; i < sent.size(); i++) {
            assertEquals(Member.GROUP, arrived.get(i).header().getGroupId());
            Message received = DECODER.decode(arrived.get(i));
            assertTrue(Messages.same(sent.get(i), received), sent.get(i) + " became " + received);
        }
    }

    @Example
    void everyKindOfMessageIsGenerated() {
        Stream<Class<?>> generated =
                Messages.kinds().stream().map(kind -> kind.sample().getClass());

        assertEquals(
                Stream.of(Message.class.getPermittedSubclasses()).collect(Collectors.toSet()),
                generated.collect(Collectors.toSet()));
    }

    @Property(tries = 300)
    void aFrameWithAFlippedBitIsNeverHandedOn(@ForAll("messages") Message message, @ForAll int position) {
        byte[] bytes = Frames.bytesOf(MessageEncoder.encode(Member.GROUP, message));
        int bit = Math.floorMod(position, bytes.length * 8);
        bytes[bit / 8] ^= (byte) (1 << (bit % 8));
        List<Frame> arrived = new ArrayList<>();

        try {
            arrived = Frames.read(bytes, LIMIT, List.of(bytes.length));
        } catch (MalformedFrameException e) {
            assertTrue(String.valueOf(e.getMessage()).startsWith("a frame"), e.getMessage());
        }

        // A length that grew makes the reader wait for more; everything else is refused.
        assertEquals(List.of(), arrived);
    }

    @Property(tries = 300)
    void randomBytesAreRefusedOrWaitedForAndNothingElse(@ForAll @Size(max = 200) byte[] bytes) throws Exception {
        byte[] withPlausibleLengths = bytes.clone();
        if (bytes.length > 8) {
            withPlausibleLengths[0] = withPlausibleLengths[1] = withPlausibleLengths[2] = 0;
            withPlausibleLengths[4] = withPlausibleLengths[5] = withPlausibleLengths[6] = 0;
        }
        for (byte[] attempt : List.of(bytes, withPlausibleLengths)) {
            try {
                assertEquals(List.of(), Frames.read(attempt, LIMIT, List.of(7)));
            } catch (MalformedFrameException e) {
                Assertions.assertNotNull(e.getMessage());
            }
        }
    }

    @Example
    void aFrameOverTheLimitIsRefusedByItsFirstBytes() {
        byte[] bytes = {0x00, 0x10, 0x00, 0x01, 0, 0, 0, 9};

        MalformedFrameException refused =
                Assertions.assertThrows(MalformedFrameException.class, () -> Frames.read(bytes, 1 << 20, List.of(8)));

        assertEquals(
                "a frame of 1048577 bytes exceeds the limit of 1048576 bytes", String.valueOf(refused.getMessage()));
    }

    @Example
    void messagesThatNoMemberSendsAreRefused() {
        refused(
                "negative term",
                Header.newBuilder().setTimeoutNow(TimeoutNow.newBuilder().setTerm(-1)),
                List.of());
        refused("no place among messages", Header.newBuilder(), List.of());
        refused(
                "cannot have payloads",
                Header.newBuilder().setTimeoutNow(TimeoutNow.newBuilder().setTerm(1)),
                List.of(new byte[1]));
        refused("payloads", append(EntryRun.newBuilder().setTerm(1).setCount(2)), List.of(new byte[1]));
        refused("payloads", append(EntryRun.newBuilder().setTerm(1).setCount(1)), List.of(new byte[1], new byte[1]));
        refused(
                "no entry type",
                append(EntryRun.newBuilder().setTerm(1).setType(9).setCount(1)),
                List.of(new byte[1]));
        refused("term 1", append(EntryRun.newBuilder().setTerm(0).setCount(1)), List.of(new byte[1]));
    }

    private static Header.Builder append(EntryRun.Builder run) {
        return Header.newBuilder().setAppendEntries(AppendEntries.newBuilder().addRuns(run));
    }

    private static void refused(String why, Header.Builder header, List<byte[]> payloads) {
        payloads.forEach(p -> header.addPayloadBytes(p.length));
        Frame frame = new Frame(header.build(), payloads);

        MalformedFrameException refused =
                Assertions.assertThrows(MalformedFrameException.class, () -> DECODER.decode(frame));

        assertTrue(String.valueOf(refused.getMessage()).contains(why), refused.getMessage());
    }
}
