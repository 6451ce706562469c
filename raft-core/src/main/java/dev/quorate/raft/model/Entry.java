package dev.quorate.raft.model;

import java.util.Arrays;
import java.util.Objects;

/**
 * One entry of the replicated log.
 *
 * @param index its place in the log, from 1
 * @param term the term of the leader that created it, from 1
 * @param type what the payload means
 * @param payload the command's bytes, a {@link Membership#encode() membership}, or empty; handed over, never copied
 */
@SuppressWarnings("ArrayRecordComponent") // equals and hashCode below look into the array
public record Entry(long index, long term, Type type, byte[] payload) {

    /** What an entry carries. The numbers are on disk and on the wire and never change. */
    public enum Type {
        /** A command of the embedder's state machine. */
        COMMAND(0),
        /** The empty entry that a new leader commits first (thesis §6.4, Raft paper §8). */
        NO_OP(1),
        /** A {@link Membership}; in force from the moment it is appended (thesis §4.1). */
        MEMBERSHIP(2);

        private final int number;

        Type(int number) {
            this.number = number;
        }

        /** How the type is written on disk and on the wire; never changes. */
        public int number() {
            return number;
        }

        /**
         * The type of a number read from disk or wire.
         *
         * @throws IllegalArgumentException if no type has it
         */
        public static Type ofNumber(int number) {
            return switch (number) {
                case 0 -> COMMAND;
                case 1 -> NO_OP;
                case 2 -> MEMBERSHIP;
                default ->
                    throw new IllegalArgumentException("no entry type has the number " + number
                            + ": the log or the peer is of a newer version, or the bytes are corrupt");
            };
        }
    }

    private static final byte[] NOTHING = new byte[0];

    /** What an entry weighs beside its payload, in bytes, wherever a limit counts bytes. */
    public static final long OVERHEAD_BYTES = 32;

    /** Checks that index and term are at least 1. */
    public Entry {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(payload, "payload");
        if (index < 1 || term < 1) {
            throw new IllegalArgumentException("an entry starts at index 1 and term 1, got " + index + "@" + term);
        }
    }

    /** A command of the embedder's; the payload is handed over. */
    public static Entry command(long index, long term, byte[] payload) {
        return new Entry(index, term, Type.COMMAND, payload);
    }

    /** The empty entry with which a leader begins its term. */
    public static Entry noOp(long index, long term) {
        return new Entry(index, term, Type.NO_OP, NOTHING);
    }

    /** The entry that puts a membership in force. */
    public static Entry membership(long index, long term, Membership membership) {
        return new Entry(index, term, Type.MEMBERSHIP, membership.encode());
    }

    /** Index and term together. */
    public EntryId id() {
        return new EntryId(index, term);
    }

    /** What this entry counts against limits in bytes. */
    public long sizeBytes() {
        return OVERHEAD_BYTES + payload.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Entry that
                && index == that.index
                && term == that.term
                && type == that.type
                && Arrays.equals(payload, that.payload);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(index) * 31 + Long.hashCode(term);
    }

    @Override
    public String toString() {
        return index + "@" + term + ":" + type + "(" + payload.length + " B)";
    }
}
