package dev.quorate.kv.cli.txn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.Compare;
import dev.quorate.kv.api.RequestOp;
import dev.quorate.kv.api.TxnRequest;
import dev.quorate.kv.cli.CliException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TxnParserTest {

    @Test
    void readsTheThreeSections() throws IOException {
        TxnRequest txn = parse("""
                value("greeting") = "hello"
                mod("other") > "0"

                put greeting "hello again"
                get greeting

                del --prefix greet
                """);

        assertEquals(2, txn.getCompareCount());
        assertEquals(text("hello"), txn.getCompare(0).getValue());
        assertEquals(Compare.CompareResult.GREATER, txn.getCompare(1).getResult());
        assertEquals(0, txn.getCompare(1).getModRevision());
        assertEquals(
                List.of(RequestOp.RequestCase.REQUEST_PUT, RequestOp.RequestCase.REQUEST_RANGE),
                txn.getSuccessList().stream().map(RequestOp::getRequestCase).toList());
        assertEquals(text("hello again"), txn.getSuccess(0).getRequestPut().getValue());
        assertEquals(text("greeu"), txn.getFailure(0).getRequestDeleteRange().getRangeEnd());
    }

    @Test
    void anySectionMayBeEmpty() throws IOException {
        TxnRequest txn = parse("\n\nput k v\n");

        assertEquals(0, txn.getCompareCount());
        assertEquals(0, txn.getSuccessCount());
        assertEquals(1, txn.getFailureCount());
        assertEquals(TxnRequest.getDefaultInstance(), parse(""));
    }

    @Test
    void promptsForEachSection() throws IOException {
        List<TxnParser.Section> prompts = new ArrayList<>();

        TxnParser.read(new BufferedReader(new StringReader("")), prompts::add);

        assertEquals(List.of(TxnParser.Section.values()), prompts);
    }

    @Test
    void everyTargetAndEverySign() throws IOException {
        TxnRequest txn = parse("""
                val("k") != "v"
                version("k") < "3"
                create("k")="4"
                m("k") = 5
                lease("k") > "-6"
                """);

        assertEquals(Compare.CompareResult.NOT_EQUAL, txn.getCompare(0).getResult());
        assertEquals(3, txn.getCompare(1).getVersion());
        assertEquals(4, txn.getCompare(2).getCreateRevision());
        assertEquals(5, txn.getCompare(3).getModRevision());
        assertEquals(-6, txn.getCompare(4).getLease());
    }

    @Test
    void quotesHoldAnyByte() throws IOException {
        TxnRequest txn = parse("\n\nput \"a \\\"b\\\" \\\\ \\x00\\xff\" \"\\n\\t\"\nput π \"--prefix\"\n");

        ByteString key = txn.getFailure(0).getRequestPut().getKey();
        assertEquals(ByteString.copyFrom(new byte[] {'a', ' ', '"', 'b', '"', ' ', '\\', ' ', 0, (byte) 0xff}), key);
        assertEquals(text("\n\t"), txn.getFailure(0).getRequestPut().getValue());
        assertEquals(text("π"), txn.getFailure(1).getRequestPut().getKey());
        assertEquals(text("--prefix"), txn.getFailure(1).getRequestPut().getValue());
    }

    @Test
    void outsideComparisonsSignsAreLetters() throws IOException {
        TxnRequest txn = parse("\n\nput a=b (c)!\n");

        assertEquals(text("a=b"), txn.getFailure(0).getRequestPut().getKey());
        assertEquals(text("(c)!"), txn.getFailure(0).getRequestPut().getValue());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "value(\"k\")",
                "value(\"k\") == \"v\"",
                "size(\"k\") = \"1\"",
                "mod(\"k\") = \"one\"",
                "mod \"k\" = \"1\"",
                "value(\"k) = \"v\"",
                "value(\"\\q\") = \"v\"",
                "value(\"\\x4\") = \"v\"",
                "\n\nput k",
                "\n\nput k v w",
                "\n\nput --prefix k v",
                "\n\nget",
                "\n\nget a b --prefix",
                "\n\nwatch k"
            })
    void aLineThatIsNotUnderstoodIsQuoted(String text) {
        CliException e = assertThrows(CliException.class, () -> parse(text));

        assertTrue(String.valueOf(e.getMessage()).contains(text.strip()) || text.contains("--prefix"), e.getMessage());
    }

    private static TxnRequest parse(String text) throws IOException {
        return TxnParser.read(new BufferedReader(new StringReader(text)), section -> {});
    }

    private static ByteString text(String text) {
        return ByteString.copyFromUtf8(text);
    }
}
