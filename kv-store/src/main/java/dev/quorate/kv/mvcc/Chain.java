package dev.quorate.kv.mvcc;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The way from a key's newest version back to its older ones.
 *
 * <p>The versions of a key are numbered 1, 2, 3, … since the key's row was created. Version {@code n} points to {@code n - 1}
 * and jumps to {@code n & (n - 1)}, which is {@code n} without its lowest set bit: from 7 to 6 to 4 to 0. Going back to any
 * version takes at most the square of the number of bits of {@code n}, and no table is needed to look it up. So that the
 * next version finds its jump without reading older ones, the newest carries the places of its whole line of jumps:
 *
 * <pre>
 *   n = 7 (111):  places of 7, 6, 4       next: 8 (1000), its line is 8
 *   n = 8 (1000): places of 8             next: 9 (1001), its line is 9, 8
 * </pre>
 *
 * A place is a {@link Revision}. Places below the compacted revision may lead nowhere; no read asks for them.
 */
final class Chain {

    private final long count;
    private final long[] mains;
    private final int[] subs;

    private Chain(long count, long[] mains, int[] subs) {
        this.count = count;
        this.mains = mains;
        this.subs = subs;
    }

    /** The line of a key's first version. */
    static Chain start(Revision first) {
        return new Chain(1, new long[] {first.main()}, new int[] {first.sub()});
    }

    /** The line of the version after this one. */
    Chain append(Revision next) {
        int dropped = Long.numberOfTrailingZeros(~count); // the ones that the addition carries through
        int kept = mains.length - dropped;
        long[] newMains = new long[kept + 1];
        int[] newSubs = new int[kept + 1];
        newMains[0] = next.main();
        newSubs[0] = next.sub();
        System.arraycopy(mains, dropped, newMains, 1, kept);
        System.arraycopy(subs, dropped, newSubs, 1, kept);
        return new Chain(count + 1, newMains, newSubs);
    }

    Revision newest() {
        return new Revision(mains[0], subs[0]);
    }

    long newestMain() {
        return mains[0];
    }

    /** Where the newest version jumps to, null if it jumps before the first. */
    @Nullable
    Revision jump() {
        return mains.length > 1 ? new Revision(mains[1], subs[1]) : null;
    }

    /** The oldest place of the line that is after {@code revision}; the newest version must be. */
    Revision oldestAfter(long revision) {
        int i = 0;
        while (i + 1 < mains.length && mains[i + 1] > revision) {
            i++;
        }
        return new Revision(mains[i], subs[i]);
    }

    void encode(ByteWriter out) {
        out.varint(count).varint(mains[0]).varint(subs[0]);
        for (int i = 1; i < mains.length; i++) {
            out.varint(mains[i - 1] - mains[i]).varint(subs[i]);
        }
    }

    static Chain decode(ByteReader in) {
        long count = in.varint();
        int length = Long.bitCount(count);
        if (length == 0) {
            throw new StorageException("a key's row has a line of no versions");
        }
        long[] mains = new long[length];
        int[] subs = new int[length];
        mains[0] = in.varint();
        subs[0] = in.varint32();
        for (int i = 1; i < length; i++) {
            mains[i] = mains[i - 1] - in.varint();
            subs[i] = in.varint32();
        }
        return new Chain(count, mains, subs);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Chain that
                && count == that.count
                && Arrays.equals(mains, that.mains)
                && Arrays.equals(subs, that.subs);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(count) * 31 + Arrays.hashCode(mains);
    }

    @Override
    public String toString() {
        return count + " versions, places " + Arrays.toString(mains);
    }
}
