package dev.quorate.kv.watch;

import java.util.ArrayList;
import java.util.List;

/** Interests in no order. Each knows its place, so that removing one out of thousands costs as much as out of two. */
final class InterestSet<I extends Interest> {

    private final List<I> all = new ArrayList<>(1);

    List<I> all() {
        return all;
    }

    void add(I interest) {
        interest.position = all.size();
        all.add(interest);
    }

    void remove(I interest) {
        I last = all.remove(all.size() - 1);
        if (last != interest) {
            all.set(interest.position, last);
            last.position = interest.position;
        }
    }

    boolean isEmpty() {
        return all.isEmpty();
    }
}
