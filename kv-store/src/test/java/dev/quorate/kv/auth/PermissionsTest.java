package dev.quorate.kv.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.Permission;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Test;

final class PermissionsTest {

    private static final ByteString OPEN = ByteString.copyFrom(new byte[1]);
    /** Keys of one and two letters of a small alphabet, and what lies between them. */
    private static final List<ByteString> KEYS = keys();

    private static List<ByteString> keys() {
        List<ByteString> keys = new ArrayList<>();
        for (byte first = 1; first <= 4; first++) {
            keys.add(ByteString.copyFrom(new byte[] {first}));
            for (byte second = 0; second <= 3; second++) {
                keys.add(ByteString.copyFrom(new byte[] {first, second}));
            }
        }
        return keys;
    }

    private static ByteString utf8(String text) {
        return ByteString.copyFromUtf8(text);
    }

    private static Permission permission(Permission.Type type, ByteString key, ByteString end) {
        return Permission.newBuilder()
                .setPermType(type)
                .setKey(key)
                .setRangeEnd(end)
                .build();
    }

    private static boolean contains(ByteString key, ByteString end, ByteString asked) {
        var order = ByteString.unsignedLexicographicalComparator();
        return end.isEmpty()
                ? key.equals(asked)
                : order.compare(key, asked) <= 0 && (end.equals(OPEN) || order.compare(asked, end) < 0);
    }

    @Provide
    Arbitrary<List<Permission>> granted() {
        Arbitrary<ByteString> key = Arbitraries.of(KEYS);
        Arbitrary<ByteString> end = Arbitraries.frequencyOf(
                Tuple.of(6, Arbitraries.of(KEYS)),
                Tuple.of(1, Arbitraries.just(OPEN)),
                Tuple.of(3, Arbitraries.just(ByteString.EMPTY)));
        Arbitrary<Permission.Type> type =
                Arbitraries.of(Permission.Type.READ, Permission.Type.WRITE, Permission.Type.READWRITE);
        return Combinators.combine(type, key, end)
                .as(PermissionsTest::permission)
                .list()
                .ofMaxSize(8);
    }

    @Property(tries = 500)
    void aKeyIsReadableIfAnyPermissionHasIt(@ForAll("granted") List<Permission> granted) {
        Permissions union = Permissions.of(granted);
        for (ByteString key : KEYS) {
            boolean readable = granted.stream()
                    .filter(each -> each.getPermType() != Permission.Type.WRITE)
                    .anyMatch(each -> contains(each.getKey(), each.getRangeEnd(), key));
            boolean writable = granted.stream()
                    .filter(each -> each.getPermType() != Permission.Type.READ)
                    .anyMatch(each -> contains(each.getKey(), each.getRangeEnd(), key));
            assertEquals(readable, union.mayRead(key, ByteString.EMPTY));
            assertEquals(writable, union.mayWrite(key, ByteString.EMPTY));
        }
    }

    @Property(tries = 500)
    void aRangeThatIsAllowedHasNoKeyThatIsNot(@ForAll("granted") List<Permission> granted) {
        Permissions union = Permissions.of(granted);
        for (ByteString key : KEYS) {
            for (ByteString end : KEYS) {
                if (union.mayRead(key, end)) {
                    KEYS.stream()
                            .filter(each -> contains(key, end, each))
                            .forEach(each -> assertTrue(union.mayRead(each, ByteString.EMPTY)));
                }
            }
        }
    }

    @Test
    void neighboursAreOneRange() {
        Permissions union = Permissions.of(List.of(
                permission(Permission.Type.READ, utf8("a"), utf8("b")),
                permission(Permission.Type.READWRITE, utf8("b"), utf8("c"))));

        assertTrue(union.mayRead(utf8("a"), utf8("c")));
        assertFalse(union.mayWrite(utf8("a"), utf8("c")));
        assertFalse(union.mayRead(utf8("a"), utf8("d")));
        assertFalse(union.mayRead(utf8("a"), OPEN));
    }

    @Test
    void aSingleKeyIsNotTheRangeFromItOn() {
        Permissions union = Permissions.of(List.of(permission(Permission.Type.READ, utf8("a"), ByteString.EMPTY)));

        assertTrue(union.mayRead(utf8("a"), ByteString.EMPTY));
        assertFalse(union.mayRead(utf8("a"), utf8("b")));
        assertFalse(union.mayRead(utf8("a"), OPEN));
    }

    @Test
    void aRangeWithoutKeysNeedsAPermissionAllTheSame() {
        Permissions union = Permissions.of(List.of(permission(Permission.Type.READ, utf8("a"), ByteString.EMPTY)));

        assertFalse(union.mayRead(utf8("b"), utf8("a")));
    }
}
