package dev.quorate.kv.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.RangeRequest;
import org.junit.jupiter.api.Test;

/** The bytes that are sent are the messages that they stand for. */
class RawMessagesTest {

    @Test
    void aPutCarriesItsNumberAndItsValue() throws InvalidProtocolBufferException {
        byte[] bytes = RawMessages.put("bench/", new byte[] {1, 2, 3}).withNumber(42);

        PutRequest put = PutRequest.parseFrom(bytes);
        assertEquals("bench/000000042", put.getKey().toStringUtf8());
        assertEquals(3, put.getValue().size());
    }

    @Test
    void aGetCarriesItsNumberAndItsConsistency() throws InvalidProtocolBufferException {
        RangeRequest get = RangeRequest.parseFrom(RawMessages.get("b/", true).withNumber(999_999_999));

        assertEquals("b/999999999", get.getKey().toStringUtf8());
        assertTrue(get.getSerializable());
        assertEquals("b/999999999", RawMessages.key("b/", 999_999_999));
    }
}
