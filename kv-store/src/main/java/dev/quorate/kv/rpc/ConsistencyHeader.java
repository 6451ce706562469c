package dev.quorate.kv.rpc;

import dev.quorate.raft.ReadConsistency;
import io.grpc.Metadata;
import java.time.Duration;

/**
 * What a read may miss, as any client can say it: a header of the request, because etcd's messages know but two kinds. It counts
 * for reads of keys that are not serializable; those are local.
 */
final class ConsistencyHeader {

    /** {@code linearizable}, {@code lease}, {@code local}, or {@code bounded-staleness=} and a number of milliseconds. */
    static final Metadata.Key<String> KEY =
            Metadata.Key.of("quorate-read-consistency", Metadata.ASCII_STRING_MARSHALLER);

    private static final String BOUNDED = "bounded-staleness=";
    private static final int MAX_DIGITS = 9;

    private ConsistencyHeader() {}

    /** @throws IllegalArgumentException with what would be right */
    static ReadConsistency of(Metadata headers) {
        return of(headers, ReadConsistency.LINEARIZABLE);
    }

    /**
     * @param unsaid what a request without the header means
     * @throws IllegalArgumentException with what would be right
     */
    static ReadConsistency of(Metadata headers, ReadConsistency unsaid) {
        String value = headers.get(KEY);
        if (value == null) {
            return unsaid;
        }
        return switch (value) {
            case "linearizable" -> ReadConsistency.LINEARIZABLE;
            case "lease" -> ReadConsistency.LEASE;
            case "local" -> ReadConsistency.LOCAL;
            default -> bounded(value);
        };
    }

    private static ReadConsistency bounded(String value) {
        String millis = value.startsWith(BOUNDED) ? value.substring(BOUNDED.length()) : "";
        if (!millis.isEmpty()
                && millis.length() <= MAX_DIGITS
                && millis.chars().allMatch(digit -> digit >= '0' && digit <= '9')
                && Long.parseLong(millis) > 0) {
            return ReadConsistency.boundedStaleness(Duration.ofMillis(Long.parseLong(millis)));
        }
        String shown = value.length() > 60 ? value.substring(0, 60) + "…" : value;
        throw new IllegalArgumentException("quorate: the header " + KEY.name() + " is '" + shown
                + "'; it must be linearizable, lease, local, or " + BOUNDED + "MS with 1 to 999999999 milliseconds");
    }
}
