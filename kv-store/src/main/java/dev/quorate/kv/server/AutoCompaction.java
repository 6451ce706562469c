package dev.quorate.kv.server;

import java.time.Duration;

/** How much history is kept, as etcd's {@code --auto-compaction-mode} and {@code --auto-compaction-retention} say it. */
public sealed interface AutoCompaction {

    AutoCompaction OFF = new Off();

    /** All history is kept until somebody compacts it. */
    record Off() implements AutoCompaction {}

    /**
     * What was current during this time can be read.
     *
     * @param retention from 1 ms on
     */
    record Periodic(Duration retention) implements AutoCompaction {
        /** @throws IllegalArgumentException if it is shorter than 1 ms */
        public Periodic {
            if (retention.toMillis() < 1) {
                throw new IllegalArgumentException("a retention of " + retention + " is below 1 ms");
            }
        }
    }

    /**
     * The newest revisions can be read.
     *
     * @param retention how many, from 1 on
     */
    record Revisions(long retention) implements AutoCompaction {
        /** @throws IllegalArgumentException if it is below 1 */
        public Revisions {
            if (retention < 1) {
                throw new IllegalArgumentException("a retention of " + retention + " revisions is below 1");
            }
        }
    }
}
