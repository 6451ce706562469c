package dev.quorate.kv.cli.bench;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.KeyValue;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.RangeResponse;
import dev.quorate.kv.cli.client.KvClient;
import java.util.BitSet;

/**
 * What became of each write of a run in which every write has a key of its own: so that one that is lost cannot hide behind a
 * later one. Thread-safe.
 */
final class WriteLedger {

    /** Keys of one page of the final reading. */
    private static final int PAGE_KEYS = 10_000;

    private final String prefix;
    private final BitSet acknowledged = new BitSet();
    private final BitSet refused = new BitSet();
    private long unknown;

    WriteLedger(String prefix) {
        this.prefix = prefix;
    }

    synchronized void acknowledged(long number) {
        acknowledged.set(Math.toIntExact(number));
    }

    /** The server, or the lack of one, said that it certainly did not happen. */
    synchronized void refused(long number) {
        refused.set(Math.toIntExact(number));
    }

    synchronized void unknown() {
        unknown++;
    }

    /**
     * What the store holds, against what its clients were told.
     *
     * @param lost acknowledged, and not there
     * @param ghosts refused, and there all the same
     */
    record Audit(long acknowledged, long refused, long unknown, long lost, long ghosts) {}

    /** Reads every key back, linearizably. */
    synchronized Audit audit(KvClient client) {
        BitSet present = new BitSet();
        ByteString end = ByteString.copyFromUtf8(prefix + ":"); // ':' follows '9'
        ByteString from = ByteString.copyFromUtf8(prefix);
        RangeResponse page;
        do {
            page = client.range(RangeRequest.newBuilder()
                    .setKey(from)
                    .setRangeEnd(end)
                    .setLimit(PAGE_KEYS)
                    .setKeysOnly(true)
                    .build());
            for (KeyValue kv : page.getKvsList()) {
                present.set(
                        Integer.parseInt(kv.getKey().substring(prefix.length()).toStringUtf8()));
                from = kv.getKey().concat(ByteString.copyFrom(new byte[] {0}));
            }
        } while (page.getMore());
        BitSet lost = (BitSet) acknowledged.clone();
        lost.andNot(present);
        BitSet ghosts = (BitSet) refused.clone();
        ghosts.and(present);
        return new Audit(
                acknowledged.cardinality(), refused.cardinality(), unknown, lost.cardinality(), ghosts.cardinality());
    }
}
