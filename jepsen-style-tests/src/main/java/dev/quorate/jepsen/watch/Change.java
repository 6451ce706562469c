package dev.quorate.jepsen.watch;

import dev.quorate.kv.api.Event;
import dev.quorate.kv.api.KeyValue;
import org.jspecify.annotations.Nullable;

/**
 * What an event says of one key.
 *
 * @param value null for a deletion
 * @param createRevision 0 for a deletion, as the two below
 * @param previous what the event says was there before; null if it says that nothing was
 */
public record Change(
        long revision,
        String key,
        @Nullable String value,
        long createRevision,
        long version,
        long lease,
        @Nullable Before previous) {

    /** A pair as it was before a change. */
    public record Before(@Nullable String value, long modRevision, long createRevision, long version) {
        static Before of(KeyValue pair) {
            return new Before(text(pair), pair.getModRevision(), pair.getCreateRevision(), pair.getVersion());
        }
    }

    static Change of(Event event) {
        KeyValue pair = event.getKv();
        boolean isDeletion = event.getType() == Event.EventType.DELETE;
        return new Change(
                pair.getModRevision(),
                pair.getKey().toStringUtf8(),
                isDeletion ? null : text(pair),
                pair.getCreateRevision(),
                pair.getVersion(),
                pair.getLease(),
                event.hasPrevKv() ? Before.of(event.getPrevKv()) : null);
    }

    private static String text(KeyValue pair) {
        return pair.getValue().toStringUtf8().stripTrailing();
    }

    public boolean isDeletion() {
        return value == null;
    }

    /** What the next change of the key must say was there before. */
    public @Nullable Before after() {
        return value == null ? null : new Before(value, revision, createRevision, version);
    }
}
