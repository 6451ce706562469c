package dev.quorate.kv.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.mvcc.Writer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Reads what protobuf's own parser reads. */
final class PutFieldsTest {

    @Property
    void everyFieldIsFoundWhereItStands(
            @ForAll byte[] key,
            @ForAll byte[] value,
            @ForAll long lease,
            @ForAll boolean prevKv,
            @ForAll boolean ignoreValue,
            @ForAll boolean ignoreLease)
            throws IOException {
        PutRequest request = PutRequest.newBuilder()
                .setKey(ByteString.copyFrom(key))
                .setValue(ByteString.copyFrom(value))
                .setLease(lease)
                .setPrevKv(prevKv)
                .setIgnoreValue(ignoreValue)
                .setIgnoreLease(ignoreLease)
                .build();
        byte[] command = Command.of(Command.Kind.PUT, 7, request.toByteArray());

        Writer.Put put = PutFields.read(command, Command.HEADER_BYTES).toPut(command, true);

        assertArrayEquals(key, put.key());
        assertArrayEquals(
                value, Arrays.copyOfRange(put.source(), put.valueOffset(), put.valueOffset() + put.valueLength()));
        assertEquals(lease, put.lease());
        assertEquals(prevKv, put.wantsPrevious());
        assertEquals(ignoreValue, put.ignoresValue());
        assertEquals(ignoreLease, put.ignoresLease());
    }

    @Test
    void aFieldThatComesTwiceCountsTheLastTimeAndUnknownOnesAreSkipped() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PutRequest.newBuilder().setKey(ByteString.copyFromUtf8("first")).build().writeTo(bytes);
        bytes.write(new byte[] {15 << 3, 1});
        PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8("second"))
                .build()
                .writeTo(bytes);

        byte[] message = bytes.toByteArray();
        PutFields put = PutFields.read(message, 0);

        assertEquals(PutRequest.parseFrom(message).getKey().size(), put.keyLength());
        assertEquals("second", new String(message, put.keyOffset(), put.keyLength(), StandardCharsets.UTF_8));
    }

    @Test
    void whatIsCutShortIsNoRequest() {
        byte[] message = PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8("key"))
                .setValue(ByteString.copyFromUtf8("value"))
                .build()
                .toByteArray();
        for (int length : new int[] {1, 2, 4, 6, 8, message.length - 1}) {
            assertThrows(IOException.class, () -> PutFields.read(Arrays.copyOf(message, length), 0), length + " bytes");
        }
    }
}
