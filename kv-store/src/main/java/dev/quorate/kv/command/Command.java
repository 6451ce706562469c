package dev.quorate.kv.command;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The bytes of a command in the raft log: what it is, who wants its answer, and the client's request as it came.
 *
 * <pre>
 *   | kind | origin, a member id | request, a protobuf message |
 *     1      8 bytes, big-endian
 * </pre>
 *
 * <p>The request is read from the network into its place behind the header, so that it is neither parsed nor copied on its
 * way into the log. The members that are not the origin carry the command out and make no answer.
 */
public final class Command {

    /** The bytes before the request. */
    public static final int HEADER_BYTES = 1 + Long.BYTES;

    /** What a command is. The numbers are on disk and on the wire and never change. */
    public enum Kind {
        /** An etcdserverpb.PutRequest. */
        PUT(1),
        /** An etcdserverpb.DeleteRangeRequest. */
        DELETE_RANGE(2),
        /** An etcdserverpb.TxnRequest with at least one write. */
        TXN(3),
        /** An etcdserverpb.CompactionRequest. */
        COMPACT(4),
        /** An etcdserverpb.Member: how a member wants to be found by clients. */
        MEMBER(5),
        /** An etcdserverpb.LeaseGrantRequest; its id is not 0, its TTL in the bounds. */
        LEASE_GRANT(6),
        /** An etcdserverpb.LeaseRevokeRequest. */
        LEASE_REVOKE(7),
        /** An etcdserverpb.LeaseKeepAliveRequest. */
        LEASE_RENEW(8),
        /** An {@link Expiry}. */
        LEASE_EXPIRE(9),
        /** An etcdserverpb.AlarmRequest that raises an alarm or takes it back. */
        ALARM(10),
        /** Nobody may do anything without permission any more; empty. */
        AUTH_ENABLE(12),
        /** Everybody may do everything; empty. */
        AUTH_DISABLE(13),
        /** An etcdserverpb.AuthUserAddRequest with a hash in place of the password. */
        USER_ADD(14),
        /** An etcdserverpb.AuthUserDeleteRequest. */
        USER_DELETE(15),
        /** An etcdserverpb.AuthUserChangePasswordRequest with a hash in place of the password. */
        USER_CHANGE_PASSWORD(16),
        /** An etcdserverpb.AuthUserGrantRoleRequest. */
        USER_GRANT_ROLE(17),
        /** An etcdserverpb.AuthUserRevokeRoleRequest. */
        USER_REVOKE_ROLE(18),
        /** An etcdserverpb.AuthRoleAddRequest. */
        ROLE_ADD(19),
        /** An etcdserverpb.AuthRoleDeleteRequest. */
        ROLE_DELETE(20),
        /** An etcdserverpb.AuthRoleGrantPermissionRequest. */
        ROLE_GRANT_PERMISSION(21),
        /** An etcdserverpb.AuthRoleRevokePermissionRequest. */
        ROLE_REVOKE_PERMISSION(22),
        /** A token that a user was given: an {@link AuthenticatedCommand} of his whose request is the token. */
        TOKEN(23),
        /** An etcdserverpb.CompactionRequest that no client has made: the leader keeps as much history as it was told. */
        AUTO_COMPACT(24),
        /** Members are to compare what they hold: a {@link DataCheck}; empty. */
        CHECK(25),
        /** What a member holds: {@link DataCheck#answer}. */
        CHECK_ANSWER(26),
        /** Any of these, of somebody who has shown who he is: an {@link AuthenticatedCommand}. */
        AUTHENTICATED(30);

        private static final Kind[] BY_NUMBER = new Kind[31];

        static {
            for (Kind kind : values()) {
                BY_NUMBER[kind.number] = kind;
            }
        }

        private final int number;

        Kind(int number) {
            this.number = number;
        }

        /** Whether it comes from a client, who must say who he is where permissions are in force. */
        boolean needsCaller() {
            return switch (this) {
                case PUT, DELETE_RANGE, TXN, COMPACT, LEASE_GRANT, LEASE_REVOKE, LEASE_RENEW -> true;
                default -> isAuthChange();
            };
        }

        /** Whether only who may do everything may have it done. */
        boolean needsRoot() {
            return this == COMPACT || this == ALARM || isAuthChange();
        }

        /** Whether it changes users, roles or permissions. */
        boolean isAuthChange() {
            return number >= AUTH_ENABLE.number && number <= ROLE_REVOKE_PERMISSION.number;
        }
    }

    private Command() {}

    /** Fills in the header of a command whose request stands behind it already. */
    public static void writeHeader(byte[] command, Kind kind, long origin) {
        ByteBuffer.wrap(command).put((byte) kind.number).putLong(origin);
    }

    /** A command with a copy of the request. */
    public static byte[] of(Kind kind, long origin, byte[] request) {
        byte[] command = new byte[HEADER_BYTES + request.length];
        System.arraycopy(request, 0, command, HEADER_BYTES, request.length);
        writeHeader(command, kind, origin);
        return command;
    }

    /**
     * What a command is.
     *
     * @throws IllegalArgumentException if it is none
     */
    static Kind kind(byte[] command) {
        if (command.length < HEADER_BYTES) {
            throw new IllegalArgumentException("a command of " + command.length
                    + " bytes is shorter than its header of " + HEADER_BYTES + " bytes");
        }
        int number = command[0];
        Kind kind = number > 0 && number < Kind.BY_NUMBER.length ? Kind.BY_NUMBER[number] : null;
        if (kind == null) {
            throw new IllegalArgumentException(
                    "no command has the number " + number + ": a newer version wrote it, or the bytes are corrupt");
        }
        return kind;
    }

    static long origin(byte[] command) {
        return ByteBuffer.wrap(command).order(ByteOrder.BIG_ENDIAN).getLong(1);
    }
}
