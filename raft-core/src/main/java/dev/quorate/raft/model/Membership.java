package dev.quorate.raft.model;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
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
 * @param learnersNext voters that become learners with the change that takes them out of the voters
 * @param votersNext who the voters should be as soon as every learner among them has caught up (thesis §4.2.1); empty if
 *     nobody waits for that
 * @param members what is known of each; a member of whom nothing is known is missing
 * @param retired identities of members that left, the latest last: a name that comes back is not taken for its predecessor
 */
public record Membership(
        SortedSet<NodeId> voters,
        SortedSet<NodeId> outgoing,
        SortedSet<NodeId> learners,
        SortedSet<NodeId> learnersNext,
        SortedSet<NodeId> votersNext,
        SortedMap<NodeId, Member> members,
        List<Long> retired) {

    /** No members at all: the membership of a node that has not been told of its group yet. */
    public static final Membership EMPTY = of(List.of());

    private static final int FORMAT = 2;
    /** Had addresses only, nobody in waiting and nobody retired. */
    private static final int OLDER_FORMAT = 1;

    /** The most members in each of the sets: far more than any group can work with, and a bound for what is decoded. */
    public static final int MAX_MEMBERS = 1_024;

    /** How many are remembered as gone: a message that is older than that many departures is not on its way any more. */
    public static final int MAX_RETIRED = 256;

    /** Copies what it is given, and checks that the parts fit together. */
    public Membership {
        voters = frozen(voters);
        outgoing = frozen(outgoing);
        learners = frozen(learners);
        learnersNext = frozen(learnersNext);
        votersNext = frozen(votersNext);
        members = known(members);
        retired = List.copyOf(retired.subList(Math.max(0, retired.size() - MAX_RETIRED), retired.size()));
        for (NodeId learner : learners) {
            if (voters.contains(learner) || outgoing.contains(learner)) {
                throw new IllegalArgumentException("member " + learner + " cannot be a voter and a learner at once");
            }
        }
        SortedSet<NodeId> stays = outgoing.isEmpty() ? votersNext : voters;
        for (NodeId next : learnersNext) {
            boolean isPlain = outgoing.isEmpty();
            boolean isVoter = isPlain ? voters.contains(next) : outgoing.contains(next);
            if (!isVoter || (isPlain && votersNext.isEmpty()) || stays.contains(next)) {
                throw new IllegalArgumentException(
                        "member " + next + " can become a learner only on leaving the voters");
            }
        }
        for (NodeId next : votersNext) {
            if (!voters.contains(next) && !learners.contains(next)) {
                throw new IllegalArgumentException("member " + next + " cannot become a voter before it is a learner");
            }
        }
    }

    /** Nobody waits to become a voter, and nothing but addresses is known. */
    public Membership(
            SortedSet<NodeId> voters,
            SortedSet<NodeId> outgoing,
            SortedSet<NodeId> learners,
            SortedSet<NodeId> learnersNext,
            SortedMap<NodeId, String> addresses) {
        this(voters, outgoing, learners, learnersNext, new TreeSet<>(), membersAt(addresses), List.of());
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
        String address = member(member).address();
        if (address.isEmpty()) {
            throw new IllegalArgumentException("member " + member + " has no address among " + addresses());
        }
        return address;
    }

    /** Whether two majorities decide: a change of voters is under way (Raft paper §6). */
    public boolean isJoint() {
        return !outgoing.isEmpty();
    }

    /** Whether this member votes, in the new half or in the old one. */
    public boolean isVoter(NodeId id) {
        return voters.contains(id) || outgoing.contains(id);
    }

    /** Whether this member gets the log and does not vote. */
    public boolean isLearner(NodeId id) {
        return learners.contains(id);
    }

    /** Whether this member belongs to the group, with a vote or without. */
    public boolean contains(NodeId id) {
        return isVoter(id) || isLearner(id);
    }

    /** What is known of a member, {@link Member#UNKNOWN} if nothing is. */
    public Member member(NodeId id) {
        return members.getOrDefault(id, Member.UNKNOWN);
    }

    /** Where the transport finds the members; those without an address are missing. */
    public SortedMap<NodeId, String> addresses() {
        TreeMap<NodeId, String> addresses = new TreeMap<>();
        members.forEach((id, member) -> {
            if (!member.address().isEmpty()) {
                addresses.put(id, member.address());
            }
        });
        return Collections.unmodifiableSortedMap(addresses);
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
            writeIds(out, votersNext);
            out.writeShort(members.size());
            for (Map.Entry<NodeId, Member> member : members.entrySet()) {
                out.writeUTF(member.getKey().value());
                out.writeUTF(member.getValue().address());
                out.writeInt(member.getValue().priority());
                out.writeLong(member.getValue().identity());
            }
            out.writeShort(retired.size());
            for (long identity : retired) {
                out.writeLong(identity);
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
            if (format != FORMAT && format != OLDER_FORMAT) {
                throw new IllegalArgumentException("membership format " + format
                        + " is unknown here; this version reads formats " + OLDER_FORMAT + " and " + FORMAT);
            }
            SortedSet<NodeId> voters = readIds(in);
            SortedSet<NodeId> outgoing = readIds(in);
            SortedSet<NodeId> learners = readIds(in);
            SortedSet<NodeId> learnersNext = readIds(in);
            boolean isOlder = format == OLDER_FORMAT;
            SortedSet<NodeId> votersNext = isOlder ? new TreeSet<>() : readIds(in);
            SortedMap<NodeId, Member> members = new TreeMap<>();
            int count = in.readUnsignedShort();
            for (int i = 0; i < count; i++) {
                NodeId id = NodeId.of(in.readUTF());
                String address = in.readUTF();
                members.put(id, isOlder ? Member.at(address) : new Member(address, in.readInt(), in.readLong()));
            }
            List<Long> retired = new ArrayList<>();
            int departures = isOlder ? 0 : in.readUnsignedShort();
            for (int i = 0; i < departures; i++) {
                retired.add(in.readLong());
            }
            if (in.available() != 0) {
                throw new IllegalArgumentException("a membership is followed by " + in.available() + " stray bytes");
            }
            return new Membership(voters, outgoing, learners, learnersNext, votersNext, members, retired);
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

    private static SortedMap<NodeId, Member> membersAt(SortedMap<NodeId, String> addresses) {
        TreeMap<NodeId, Member> members = new TreeMap<>();
        addresses.forEach((id, address) -> members.put(id, Member.at(address)));
        return members;
    }

    /** Equal memberships have equal maps, so a member of whom nothing is known has no place in one. */
    private static SortedMap<NodeId, Member> known(SortedMap<NodeId, Member> members) {
        TreeMap<NodeId, Member> known = new TreeMap<>(members);
        known.values().removeIf(Member.UNKNOWN::equals);
        return Collections.unmodifiableSortedMap(known);
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
