package dev.quorate.kv.cli.txn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.kv.cli.CliException;
import org.junit.jupiter.api.Test;

class KeyRangeTest {

    private static final ByteString UNBOUNDED = bytes(0);

    @Test
    void oneKeyHasNoEnd() {
        assertTrue(KeyRange.of(bytes(1), null, false, false).isSingleKey());
        assertFalse(KeyRange.of(bytes(1), bytes(2), false, false).isSingleKey());
    }

    @Test
    void aPrefixEndsAfterItsLastKey() {
        assertEquals(
                bytes('a', 'c'), KeyRange.of(bytes('a', 'b'), null, true, false).end());
        assertEquals(
                bytes('b'),
                KeyRange.of(bytes('a', 0xff, 0xff), null, true, false).end());
        assertEquals(UNBOUNDED, KeyRange.of(bytes(0xff), null, true, false).end());
    }

    @Test
    void theEmptyPrefixIsEveryKey() {
        KeyRange every = KeyRange.of(ByteString.EMPTY, null, true, false);

        assertEquals(new KeyRange(UNBOUNDED, UNBOUNDED), every);
    }

    @Test
    void fromAKeyOnThereIsNoEnd() {
        assertEquals(new KeyRange(bytes('k'), UNBOUNDED), KeyRange.of(bytes('k'), null, false, true));
    }

    @Test
    void onlyOneWayToSayARangeAtATime() {
        assertThrows(CliException.class, () -> KeyRange.of(bytes(1), bytes(2), true, false));
        assertThrows(CliException.class, () -> KeyRange.of(bytes(1), null, true, true));
    }

    private static ByteString bytes(int... bytes) {
        ByteString.Output out = ByteString.newOutput();
        for (int b : bytes) {
            out.write(b);
        }
        return out.toByteString();
    }
}
