package dev.quorate.kv.rpc;

import dev.quorate.raft.model.NodeId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.TreeMap;

/**
 * Who answers: the numbers in every response's header.
 *
 * @param clusterId the same on all members of a cluster, for all time, and another in another cluster
 * @param name this member
 */
public record Identity(long clusterId, NodeId name) {

    private static final int MAX_NAME_CHARS = 64;

    /**
     * The identity of a member of a new cluster.
     *
     * @param token tells clusters apart that have the same members at the same addresses
     * @param initialCluster where the members that the cluster begins with reach each other, by their names
     */
    public static Identity of(String token, Map<NodeId, String> initialCluster, NodeId name) {
        MessageDigest digest = sha256();
        update(digest, token);
        new TreeMap<>(initialCluster).forEach((id, address) -> {
            update(digest, id.value());
            update(digest, address);
        });
        return new Identity(firstLong(digest), name);
    }

    /**
     * The identity of the same member where the cluster begins with a backup: another cluster, for who begins with other data, or
     * with none, is none of them.
     *
     * @param origin names the backup and what was done to it, the same for each founder
     */
    public Identity restored(String origin) {
        MessageDigest digest = sha256();
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, clusterId));
        update(digest, "restored");
        update(digest, origin);
        return new Identity(firstLong(digest), name);
    }

    /**
     * What a member is called in the group that was added while the cluster ran: etcd's protocol names it by its peer address
     * only, and what it is called by people it says itself when it starts.
     *
     * @param peerAddress as {@code host:port}
     */
    public static NodeId added(String peerAddress) {
        String name = "at-" + peerAddress.replaceAll("[^A-Za-z0-9._-]", "-");
        return NodeId.of(name.substring(0, Math.min(name.length(), MAX_NAME_CHARS)));
    }

    public long memberId() {
        return memberId(name);
    }

    /** The number of any member of this cluster; never 0, which means "nobody". */
    public long memberId(NodeId member) {
        MessageDigest digest = sha256();
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, clusterId));
        update(digest, member.value());
        return firstLong(digest);
    }

    private static void update(MessageDigest digest, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, bytes.length)); // "ab" + "c" is not "a" + "bc"
        digest.update(bytes);
    }

    private static long firstLong(MessageDigest digest) {
        long value = ByteBuffer.wrap(digest.digest()).getLong();
        return value == 0 ? 1 : value;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
