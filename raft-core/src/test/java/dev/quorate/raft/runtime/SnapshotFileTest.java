package dev.quorate.raft.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A name that comes from the network is written to: it must not lead out of its directory. */
final class SnapshotFileTest {

    private static final String HASH = "0123456789abcdef".repeat(4);

    @ParameterizedTest
    @ValueSource(
            strings = {"", "/etc/passwd", "../x", "a/../x", "a/./x", "a//x", "a/", "..", "a\\x", "c:x", "a\u0000x"})
    void aNameThatCouldLeaveItsDirectoryIsRefused(String name) {
        assertThrows(IllegalArgumentException.class, () -> new SnapshotFile(name, 1, HASH));
    }

    @ParameterizedTest
    @ValueSource(strings = {"000012.sst", "CURRENT", "a/b/c.d", "..x"})
    void plainAndNestedNamesAreFine(String name) {
        assertEquals(name, new SnapshotFile(name, 1, HASH).name());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF", "../../x"})
    void onlyAHashIsAHash(String hash) {
        // The staging names files by it.
        assertThrows(IllegalArgumentException.class, () -> new SnapshotFile("x", 1, hash));
    }

    @Test
    void aRefusalCannotForgeLogLines() {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> new SnapshotFile("a\nb", -1, HASH));

        assertTrue(String.valueOf(refused.getMessage()).startsWith("snapshot file name 'a.b' is refused"));
    }
}
