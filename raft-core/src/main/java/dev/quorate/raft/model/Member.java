package dev.quorate.raft.model;

import java.util.Objects;

/**
 * What a group knows of one of its members, in the replicated data so that every member knows the same.
 *
 * @param address where the transport finds it, in the transport's own notation; empty if the transport knows by itself
 * @param priority who should lead: a member hands over to a reachable, caught-up one with a larger number. 0 by default
 * @param identity which disk this is: a number that its data directory drew when it was new, 0 if not known yet. A node that
 *     comes back under the name of a member and with another number has forgotten its votes and acknowledgements, and does
 *     not count
 */
public record Member(String address, int priority, long identity) {

    /** Nothing is known. */
    public static final Member UNKNOWN = new Member("", 0, 0);

    /** The longest address, in characters: it is longer than any host name, and travels in every membership entry. */
    static final int MAX_ADDRESS_LENGTH = 1_024;

    /** @throws IllegalArgumentException if the address is longer than 1,024 characters */
    public Member {
        Objects.requireNonNull(address, "address");
        if (address.length() > MAX_ADDRESS_LENGTH) {
            throw new IllegalArgumentException("the address of a member has " + address.length()
                    + " characters, and must have at most " + MAX_ADDRESS_LENGTH);
        }
    }

    /** A member of whom only the address is known; empty for none. */
    public static Member at(String address) {
        return new Member(address, 0, 0);
    }

    /** The same member, reached at another address. */
    public Member withAddress(String value) {
        return new Member(value, priority, identity);
    }

    /** The same member with another priority. */
    public Member withPriority(int value) {
        return new Member(address, value, identity);
    }

    /** The same member with another disk; 0 if it is not known. */
    public Member withIdentity(long value) {
        return new Member(address, priority, value);
    }
}
