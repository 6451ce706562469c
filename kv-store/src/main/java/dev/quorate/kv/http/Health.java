package dev.quorate.kv.http;

import dev.quorate.kv.api.AlarmType;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * What is looked at when somebody asks whether a server is well: the server itself, not its services, which would want to know
 * who asks. Any thread, never blocks.
 */
public interface Health {

    /** Whether this member knows a leader. */
    boolean hasLeader();

    /** The alarms that are raised, one for each member that raised it. */
    List<AlarmType> alarms();

    /**
     * Tries what a read does before it looks at a key.
     *
     * @param isSerializable whether this member alone answers, or a majority is asked
     * @return completes with an empty text, or with why a read would fail, in one line; never exceptionally
     */
    CompletableFuture<String> read(boolean isSerializable);
}
