package dev.quorate.kv.cli;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a read may miss. */
final class ConsistencyOptions {

    enum Consistency {
        linearizable,
        lease,
        bounded,
        local
    }

    @Option(
            names = "--consistency",
            paramLabel = "WHAT",
            description = {
                "What the answer may miss.",
                "linearizable (default): nothing; a quorum is asked.",
                "lease: nothing, if clocks keep the bound that the servers were told; nobody is asked.",
                "bounded: what happened within --max-staleness.",
                "local: anything; as --serializable."
            })
    private @Nullable Consistency consistency;

    @Option(
            names = "--max-staleness",
            paramLabel = "DURATION",
            description = "How old the answer may be, such as 500ms; implies --consistency bounded.",
            converter = Durations.class)
    private @Nullable Duration maxStaleness;

    @Option(
            names = "--serializable",
            description = "Answer from the asked server alone: quick and without a quorum, but possibly old.")
    private boolean serializable;

    /** Whether etcd's own word for a local read was used. */
    boolean serializable() {
        return serializable;
    }

    /**
     * What the server reads in the header {@code quorate-read-consistency}, null for nothing.
     *
     * @throws CliException (usage) if two of the options contradict each other
     */
    @Nullable
    String header() {
        boolean isBounded = consistency == Consistency.bounded || (consistency == null && maxStaleness != null);
        if (isBounded != (maxStaleness != null)) {
            throw CliException.usage("--consistency bounded and --max-staleness need each other, as in"
                    + " --consistency bounded --max-staleness 500ms");
        }
        if (serializable && (isBounded || (consistency != null && consistency != Consistency.local))) {
            throw CliException.usage(
                    "--serializable is --consistency local, and not " + (isBounded ? "bounded" : consistency));
        }
        if (maxStaleness != null) {
            return "bounded-staleness=" + maxStaleness.toMillis();
        }
        return consistency == null ? null : consistency.name();
    }
}
