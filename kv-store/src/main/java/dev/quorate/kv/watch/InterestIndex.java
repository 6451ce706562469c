package dev.quorate.kv.watch;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Who wants to know of a key: single keys by their hash, ranges by a {@link RangeTree}. */
final class InterestIndex<I extends Interest> {

    private final Map<ByteString, InterestSet<I>> singles = new HashMap<>();
    private final RangeTree<I> ranges = new RangeTree<>();

    void add(I interest) {
        if (interest.range.isSingle()) {
            singles.computeIfAbsent(wrap(interest.range.from()), key -> new InterestSet<>())
                    .add(interest);
        } else {
            ranges.add(interest);
        }
    }

    /** The interest must be here. */
    void remove(I interest) {
        if (!interest.range.isSingle()) {
            ranges.remove(interest);
            return;
        }
        ByteString key = wrap(interest.range.from());
        InterestSet<I> set = singles.get(key);
        if (set == null) {
            throw new IllegalStateException("the key to remove is not in the index");
        }
        set.remove(interest);
        if (set.isEmpty()) {
            singles.remove(key);
        }
    }

    /** Names everybody who is interested in the key, once. */
    void find(byte[] key, Consumer<List<I>> each) {
        if (!singles.isEmpty()) {
            InterestSet<I> set = singles.get(wrap(key));
            if (set != null) {
                each.accept(set.all());
            }
        }
        if (!ranges.isEmpty()) {
            ranges.find(key, each);
        }
    }

    private static ByteString wrap(byte[] key) {
        return UnsafeByteOperations.unsafeWrap(key);
    }
}
