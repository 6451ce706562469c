package dev.quorate.kv.cli.output;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import java.util.List;
import org.junit.jupiter.api.Test;

class JsonWriterTest {

    @Test
    void putsCommasAndQuotesWhereTheyBelong() {
        String json = JsonWriter.object(o -> o.field("a", 1)
                .field("b", "x")
                .objectField("c", inner -> inner.field("d", true).nullField("e"))
                .arrayField("f", List.of(1, 2), (item, n) -> item.field("n", n))
                .arrayField("g", List.<Integer>of(), (item, n) -> item.field("n", n))
                .stringsField("h", List.of("p", "q"))
                .objectField("i", inner -> {})
                .field("j", 0.5, 2));

        assertEquals(
                "{\"a\":1,\"b\":\"x\",\"c\":{\"d\":true,\"e\":null},\"f\":[{\"n\":1},{\"n\":2}],\"g\":[],"
                        + "\"h\":[\"p\",\"q\"],\"i\":{},\"j\":0.50}",
                json);
    }

    @Test
    void escapesWhatJsonCannotHold() {
        String json = JsonWriter.object(o -> o.field("k", "\"\\\n\r\t\u0001\u007f é 😀 \ud800"));

        assertEquals("{\"k\":\"\\\"\\\\\\n\\r\\t\\u0001\\u007f é 😀 \\ud800\"}", json);
    }

    @Test
    void bytesThatAreNoTextBecomeBase64() {
        ByteString binary = ByteString.copyFrom(new byte[] {(byte) 0xff, 0});

        assertEquals(
                "{\"key\":\"text\",\"valueBase64\":\"/wA=\"}",
                JsonWriter.object(
                        o -> o.field("key", ByteString.copyFromUtf8("text")).field("value", binary)));
    }

    @Test
    void whatIsNotANumberIsNullAndIdsAreHexadecimal() {
        assertEquals(
                "{\"cpu\":null,\"id\":\"ffffffffffffffff\"}",
                JsonWriter.object(o -> o.field("cpu", Double.NaN, 2).idField("id", -1)));
    }
}
