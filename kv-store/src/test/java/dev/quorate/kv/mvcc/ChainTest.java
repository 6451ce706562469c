package dev.quorate.kv.mvcc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Every older version is found, in few steps. */
final class ChainTest {

    /** What a row of the revisions table says. */
    private record Row(
            @Nullable Revision previous, @Nullable Revision jump) {}

    private final List<Row> rows = new ArrayList<>(); // version n is at n - 1, and has the revision 10 n
    private Chain newest = Chain.start(revision(1));

    private static Revision revision(int version) {
        return new Revision(10L * version, version % 3);
    }

    private Chain chainOf(int versions) {
        rows.clear();
        newest = Chain.start(revision(1));
        rows.add(new Row(null, newest.jump()));
        for (int n = 2; n <= versions; n++) {
            newest = newest.append(revision(n));
            rows.add(new Row(revision(n - 1), newest.jump()));
        }
        return newest;
    }

    @Property(tries = 300)
    void anyVersionIsFoundInLogarithmicallyManySteps(
            @ForAll @IntRange(min = 2, max = 5_000) int versions, @ForAll @IntRange(min = 1, max = 4_999) int wanted) {
        int version = Math.min(wanted, versions - 1);
        Chain chain = chainOf(versions);
        long asked = revision(version).main() + 5;

        Revision place = chain.oldestAfter(asked);
        int steps = 1;
        for (Revision found = null; found == null; steps++) {
            Row row = rows.get((int) (place.main() / 10) - 1);
            Revision previous = Objects.requireNonNull(row.previous(), "a version before " + place);
            if (previous.main() <= asked) {
                found = previous;
                assertEquals(revision(version), found);
            } else {
                place = row.jump() != null && row.jump().main() > asked ? row.jump() : previous;
            }
        }

        int bits = 32 - Integer.numberOfLeadingZeros(versions);
        assertTrue(steps <= bits * bits, steps + " steps among " + versions + " versions");
    }

    @Test
    void theLineHasOnePlaceForEachSetBit() {
        assertEquals(chainOf(8), Chain.decode(reader(chainOf(8))));
        for (int n = 1; n <= 70; n++) {
            Chain chain = chainOf(n);
            ByteReader in = reader(chain);
            assertEquals(chain, Chain.decode(in));
            assertTrue(!in.hasMore());
            assertEquals(
                    n & (n - 1), chain.jump() == null ? 0 : (int) (chain.jump().main() / 10));
        }
    }

    private static ByteReader reader(Chain chain) {
        ByteWriter out = new ByteWriter(4);
        chain.encode(out);
        return new ByteReader(out.array(), 0, out.size());
    }
}
