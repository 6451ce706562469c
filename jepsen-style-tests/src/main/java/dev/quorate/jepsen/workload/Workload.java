package dev.quorate.jepsen.workload;

import dev.quorate.jepsen.history.Operation;
import dev.quorate.jepsen.history.Outcome;
import dev.quorate.jepsen.history.Seen;
import dev.quorate.jepsen.history.Step;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Draws requests. Any thread.
 *
 * <p>A few keys are alive at a time, so that requests meet; after some requests a key is retired and a new one takes its
 * place, so that the history of each stays short: the checker's search grows with what is unsettled on one key. Every value
 * is written by one request only, so that whoever sees it knows which request it was.
 */
public final class Workload {

    /**
     * @param keysAtOnce how many keys are alive
     * @param requestsPerKey after how many requests a key is retired
     */
    public record Options(int keysAtOnce, int requestsPerKey) {
        public static final Options DEFAULT = new Options(6, 300);

        public Options {
            if (keysAtOnce < 1 || requestsPerKey < 1) {
                throw new IllegalArgumentException("a workload needs at least one key and one request for each, not "
                        + keysAtOnce + " keys and " + requestsPerKey + " requests");
            }
        }
    }

    public static final String KEY_PREFIX = "chaos/";

    /** Requests for several keys take so many of them at most. */
    private static final int MAX_KEYS_IN_A_REQUEST = 3;

    private final Options options;
    private final AtomicLong nextValue = new AtomicLong(1);
    private final List<String> liveKeys = new ArrayList<>();
    private final List<Integer> requestsLeft = new ArrayList<>();
    private int keysMade;
    /** The newest that any client saw of a key: a good guess for the next compare-and-set. */
    private final Map<String, Seen> lastSeen = new ConcurrentHashMap<>();

    public Workload(Options options) {
        this.options = options;
        for (int i = 0; i < options.keysAtOnce(); i++) {
            liveKeys.add(newKey());
            // Staggered, so that the keys are not all retired at once.
            requestsLeft.add(options.requestsPerKey() * (i + 1) / options.keysAtOnce() + 1);
        }
    }

    private String newKey() {
        return String.format("%s%06d", KEY_PREFIX, keysMade++);
    }

    /** The next request. */
    public Request next(Random random) {
        int draw = random.nextInt(100);
        if (draw < 30) {
            return new Request(List.of(new Step.Read(key(random), null)), 0, false);
        } else if (draw < 40) {
            return several(random, key -> new Step.Read(key, null));
        } else if (draw < 62) {
            return new Request(List.of(new Step.Put(key(random), value(), null)), 0, random.nextBoolean());
        } else if (draw < 68) {
            return several(random, key -> new Step.Put(key, value(), null));
        } else if (draw < 93) {
            return cas(random);
        } else {
            return new Request(List.of(new Step.Delete(key(random), null)), 0, true);
        }
    }

    private Request several(Random random, Function<String, Step> step) {
        TreeSet<String> keys = new TreeSet<>();
        for (int i = 0; i < MAX_KEYS_IN_A_REQUEST; i++) {
            keys.add(key(random));
        }
        return new Request(keys.stream().map(step).toList(), 0, random.nextBoolean());
    }

    private Request cas(Random random) {
        String key = key(random);
        Seen guess = lastSeen.getOrDefault(key, Seen.ABSENT);
        long revision = random.nextBoolean() ? guess.modRevision() : 0;
        return new Request(List.of(new Step.Cas(key, guess.value(), value(), null, null)), revision, false);
    }

    private String value() {
        return Long.toString(nextValue.getAndIncrement());
    }

    private synchronized String key(Random random) {
        int index = random.nextInt(liveKeys.size());
        String key = liveKeys.get(index);
        int left = requestsLeft.get(index) - 1;
        if (left == 0) {
            lastSeen.remove(key);
            liveKeys.set(index, newKey());
            left = options.requestsPerKey();
        }
        requestsLeft.set(index, left);
        return key;
    }

    /** Every key that a request was drawn for, or may have been. */
    public synchronized List<String> allKeys() {
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < keysMade; i++) {
            keys.add(String.format("%s%06d", KEY_PREFIX, i));
        }
        return Collections.unmodifiableList(keys);
    }

    /** Remembers what an answer showed. */
    public void learn(Operation operation) {
        if (operation.outcome() != Outcome.OK) {
            return;
        }
        for (Step step : operation.steps()) {
            Seen now = stateAfter(step, operation.revision());
            if (now != null) {
                lastSeen.put(step.key(), now);
            }
        }
    }

    private static @Nullable Seen stateAfter(Step step, long revision) {
        if (step instanceof Step.Put put) {
            return new Seen(put.value(), revision);
        } else if (step instanceof Step.Delete) {
            return Seen.ABSENT;
        } else if (step instanceof Step.Cas cas && Objects.equals(cas.applied(), true)) {
            return new Seen(cas.value(), revision);
        } else {
            return step.seen();
        }
    }
}
