package dev.quorate.kv.mvcc;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.SortedMap;

/** A digest of everything that a read at a revision that is not compacted can see. */
final class StateDigest {

    private static final KeyRange EVERYTHING = new KeyRange(new byte[0], null, false);

    private StateDigest() {}

    static String of(TableView view, SortedMap<String, byte[]> named, Collection<Lease> leases) {
        MessageDigest digest = sha256();
        State state = view.state();
        digest.update(state.encode());
        named.forEach((name, value) -> {
            digest.update(name.getBytes(StandardCharsets.UTF_8));
            digest.update(value);
        });
        for (Lease lease : leases) {
            digest.update(LeaseRows.grantKey(lease.id()));
            digest.update(LeaseRows.grant(lease));
        }
        view.scan(EVERYTHING, newest -> {
            for (Version version = newest; version != null; version = view.before(version)) {
                boolean isOldest = version.mod() <= state.compacted();
                if (!(isOldest && version.isTombstone())) { // some members have removed it already
                    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, version.sub()));
                    digest.update(version.isTombstone() ? version.pairWithoutValue() : view.pair(version));
                }
                if (isOldest) {
                    break;
                }
            }
        });
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
