package dev.quorate.raft.model;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Who belongs to a group. It is data: it lives in log entries and in snapshots, and is in force from the moment it is
 * appended (thesis §4.1). While {@code outgoing} is not empty the membership is <em>joint</em>: elections and commits need
 * a majority of {@code voters} and a majority of {@code outgoing} (Raft paper §6).
 *
 * @param voters who counts in quorums; in a joint membership, the new half
 * @param outgoing the old half of a joint membership, empty otherwise
 * @param learners who receives the log and counts nowhere
 * @param learnersNext members of {@code outgoing} that become learners when the joint membership is left
 * @param addresses where the transport finds a member, in the transport's own notation; a member may be missing
 */
public record Membership(
        SortedSet<NodeId> voters,
        SortedSet<NodeId> outgoing,
        SortedSet<NodeId> learners,
        SortedSet<NodeId> learnersNext,
        SortedMap<NodeId, String> addresses) {

    /** No members at all: the membership of a node that has not been told of its group yet. */
    public static final Membership EMPTY = of(java.util.List.of());

    private static final int FORMAT = 1;

    /** The most members in each of the sets: far more than any group can work with, and a bound for what is decoded. */
    static final int MAX_MEMBERS = 1_024;

    /** The longest address, in characters: it is longer than any host name, and travels in every membership entry. */
    static final int MAX_ADDRESS_LENGTH = 1_024;

    public Membership {
        voters = frozen(voters);
        outgoing = frozen(outgoing);
        learners = frozen(learners);
        learnersNext = frozen(learnersNext);
        addresses = Collections.unmodifiableSortedMap(new TreeMap<>(addresses));
        addresses.forEach(Membership::checkAddress);
        for (NodeId learner : learners) {
            if (voters.contains(learner) || outgoing.contains(learner)) {
                throw new IllegalArgumentException("member " + learner + " cannot be a voter and a learner at once");
            }
        }
        for (NodeId next : learnersNext) {
            if (!outgoing.contains(next) || voters.contains(next)) {
                throw new IllegalArgumentException(
                        "member " + next + " can become a learner only on leaving the voters");
            }
        }
    }

    /** A plain membership: these voters, no learners, no addresses. */
    public static Membership of(Collection<NodeId> voters) {
        return new Membership(
                new TreeSet<>(voters), new TreeSet<>(), new TreeSet<>(), new TreeSet<>(), new TreeMap<>());
    }

    /** A plain membership of the voters that are the keys, at the addresses that are the values. */
    public static Membership of(Map<NodeId, String> addresses) {
        return new Membership(
                new TreeSet<>(addresses.keySet()),
                new TreeSet<>(),
                new TreeSet<>(),
                new TreeSet<>(),
                new TreeMap<>(addresses));
    }

    /**
     * A plain membership as a person writes it: {@code n1=10.0.0.1:7001,n2=10.0.0.2:7001,n3=10.0.0.3:7001}.
     *
     * @throws IllegalArgumentException if a part is no {@code name=address}, or a name is there twice
     */
    public static Membership parse(String text) {
        SortedMap<NodeId, String> addresses = new TreeMap<>();
        for (String part : text.split(",", -1)) {
            int equals = part.indexOf('=');
            if (equals < 1 || equals == part.length() - 1) {
                throw new IllegalArgumentException(
                        "a member is written name=address, not '" + part + "'; members are separated by commas");
            }
            NodeId id = NodeId.of(part.substring(0, equals));
            if (addresses.put(id, part.substring(equals + 1)) != null) {
                throw new IllegalArgumentException("member " + id + " is there twice in '" + text + "'");
            }
        }
        return of(addresses);
    }

    /**
     * Where the transport finds a member.
     *
     * @throws IllegalArgumentException if this membership does not say
     */
    public String address(NodeId member) {
        String address = addresses.get(member);
        if (address == null) {
            throw new IllegalArgumentException("member " + member + " has no address among " + addresses);
        }
        return address;
    }

    public boolean isJoint() {
        return !outgoing.isEmpty();
    }

    public boolean isVoter(NodeId id) {
        return voters.contains(id) || outgoing.contains(id);
    }

    public boolean isLearner(NodeId id) {
        return learners.contains(id);
    }

    public boolean contains(NodeId id) {
        return isVoter(id) || isLearner(id);
    }

    /** Everybody who receives the log, in the order of their names. */
    public SortedSet<NodeId> all() {
        TreeSet<NodeId> all = new TreeSet<>(voters);
        all.addAll(outgoing);
        all.addAll(learners);
        return Collections.unmodifiableSortedSet(all);
    }

    /** The bytes of a {@link Entry.Type#MEMBERSHIP} entry; {@link #decode} reads them. */
    public byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            writeIds(out, voters);
            writeIds(out, outgoing);
            writeIds(out, learners);
            writeIds(out, learnersNext);
            out.writeShort(addresses.size());
            for (Map.Entry<NodeId, String> address : addresses.entrySet()) {
                out.writeUTF(address.getKey().value());
                out.writeUTF(address.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("a membership could not be written to memory", e);
        }
        return bytes.toByteArray();
    }

    /**
     * Reads what {@link #encode} wrote.
     *
     * @throws IllegalArgumentException if the bytes are no membership
     */
    public static Membership decode(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int format = in.readByte();
            if (format != FORMAT) {
                throw new IllegalArgumentException(
                        "membership format " + format + " is unknown here; this version reads format " + FORMAT);
            }
            SortedSet<NodeId> voters = readIds(in);
            SortedSet<NodeId> outgoing = readIds(in);
            SortedSet<NodeId> learners = readIds(in);
            SortedSet<NodeId> learnersNext = readIds(in);
            SortedMap<NodeId, String> addresses = new TreeMap<>();
            int count = in.readUnsignedShort();
            for (int i = 0; i < count; i++) {
                addresses.put(NodeId.of(in.readUTF()), in.readUTF());
            }
            if (in.available() != 0) {
                throw new IllegalArgumentException("a membership is followed by " + in.available() + " stray bytes");
            }
            return new Membership(voters, outgoing, learners, learnersNext, addresses);
        } catch (IOException e) {
            throw new IllegalArgumentException("a membership of " + bytes.length + " bytes is cut short", e);
        }
    }

    /** True if {@link #decode} would succeed. */
    public static boolean isDecodable(byte[] bytes) {
        try {
            decode(bytes);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static void checkAddress(NodeId member, String address) {
        if (address.length() > MAX_ADDRESS_LENGTH) {
            throw new IllegalArgumentException("the address of member " + member + " has " + address.length()
                    + " characters, and must have at most " + MAX_ADDRESS_LENGTH);
        }
    }

    // What decode would refuse must not be made: it would be appended here and refused by every other member.
    private static SortedSet<NodeId> frozen(SortedSet<NodeId> ids) {
        if (ids.size() > MAX_MEMBERS) {
            throw new IllegalArgumentException(
                    "a membership of " + ids.size() + " members exceeds the limit of " + MAX_MEMBERS);
        }
        return Collections.unmodifiableSortedSet(new TreeSet<>(ids));
    }

    private static void writeIds(DataOutputStream out, SortedSet<NodeId> ids) throws IOException {
        out.writeShort(ids.size());
        for (NodeId id : ids) {
            out.writeUTF(id.value());
        }
    }

    private static SortedSet<NodeId> readIds(DataInputStream in) throws IOException {
        int count = in.readUnsignedShort();
        if (count > MAX_MEMBERS) {
            throw new IllegalArgumentException(
                    "a membership of " + count + " members exceeds the limit of " + MAX_MEMBERS);
        }
        TreeSet<NodeId> ids = new TreeSet<>();
        for (int i = 0; i < count; i++) {
            ids.add(NodeId.of(in.readUTF()));
        }
        return ids;
    }
}
