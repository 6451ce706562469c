package dev.quorate.kv.command;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.quorate.kv.api.LeaseGrantRequest;
import dev.quorate.kv.api.LeaseKeepAliveRequest;
import dev.quorate.kv.api.LeaseRevokeRequest;
import dev.quorate.kv.api.RequestOp;
import dev.quorate.kv.api.TxnRequest;
import dev.quorate.kv.auth.AuthState;
import dev.quorate.kv.auth.Caller;
import dev.quorate.kv.mvcc.KvException;
import dev.quorate.kv.mvcc.Lease;
import dev.quorate.kv.mvcc.Writer;
import dev.quorate.raft.model.Entry;
import java.io.IOException;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** Carries out the commands that begin, prolong and end leases. */
final class LeaseCommands {

    private LeaseCommands() {}

    /**
     * @param entry where the command stands in the log
     * @param command the same without its signature
     */
    static CommandResult carryOut(Entry entry, byte[] command, Writer writer) throws KvException, IOException {
        ByteString request = request(command);
        return switch (Command.kind(command)) {
            case LEASE_GRANT -> {
                LeaseGrantRequest grant = LeaseGrantRequest.parseFrom(request);
                Lease lease = writer.grantLease(grant.getID(), grant.getTTL(), entry.index());
                yield new CommandResult.Leased(writer.state().revision(), lease);
            }
            case LEASE_RENEW -> {
                LeaseKeepAliveRequest renewal = LeaseKeepAliveRequest.parseFrom(request);
                Lease lease = writer.renewLease(renewal.getID(), entry.index());
                yield new CommandResult.Leased(writer.state().revision(), lease);
            }
            case LEASE_REVOKE -> {
                writer.revokeLease(LeaseRevokeRequest.parseFrom(request).getID());
                yield new CommandResult.Done(writer.state().revision());
            }
            case LEASE_EXPIRE -> {
                Expiry expiry = Expiry.read(command);
                if (expiry.term() == entry.term()) {
                    for (Expiry.Ended ended : expiry.leases()) {
                        writer.expireLease(ended.id(), ended.renewedAt());
                    }
                }
                yield new CommandResult.Done(writer.state().revision());
            }
            default -> throw new IllegalArgumentException("entry " + entry + " is not about a lease");
        };
    }

    /**
     * Who revokes a lease deletes its keys, and who renews it or attaches another key to it decides how long they live: he must be
     * allowed to write them. Which they are is known in the log's order only.
     */
    static void requireWrite(AuthState auth, Caller caller, byte[] command, Writer writer)
            throws KvException, IOException {
        if (!auth.enabled() || auth.isRoot(caller.user())) {
            return;
        }
        for (long id : named(command)) {
            for (byte[] key : writer.keysOfLease(id)) {
                auth.requireWrite(caller, UnsafeByteOperations.unsafeWrap(key), ByteString.EMPTY);
            }
        }
    }

    /** The leases whose keys a command may change the life of; of a transaction those of both branches, whichever is taken. */
    private static SortedSet<Long> named(byte[] command) throws IOException {
        SortedSet<Long> ids = new TreeSet<>();
        switch (Command.kind(command)) {
            case LEASE_REVOKE ->
                ids.add(LeaseRevokeRequest.parseFrom(request(command)).getID());
            case LEASE_RENEW ->
                ids.add(LeaseKeepAliveRequest.parseFrom(request(command)).getID());
            case PUT -> ids.add(PutFields.read(command, Command.HEADER_BYTES).lease());
            case TXN -> addAll(TxnRequest.parseFrom(request(command)), ids);
            default -> {}
        }
        ids.remove(0L);
        return ids;
    }

    private static void addAll(TxnRequest txn, SortedSet<Long> ids) {
        for (List<RequestOp> branch : List.of(txn.getSuccessList(), txn.getFailureList())) {
            for (RequestOp operation : branch) {
                if (operation.hasRequestPut()) {
                    ids.add(operation.getRequestPut().getLease());
                } else if (operation.hasRequestTxn()) {
                    addAll(operation.getRequestTxn(), ids);
                }
            }
        }
    }

    private static ByteString request(byte[] command) {
        return UnsafeByteOperations.unsafeWrap(command, Command.HEADER_BYTES, command.length - Command.HEADER_BYTES);
    }
}
