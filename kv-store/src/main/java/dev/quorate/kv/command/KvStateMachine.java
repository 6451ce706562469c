package dev.quorate.kv.command;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.quorate.kv.api.CompactionRequest;
import dev.quorate.kv.api.DeleteRangeRequest;
import dev.quorate.kv.api.Member;
import dev.quorate.kv.api.TxnRequest;
import dev.quorate.kv.mvcc.KvException;
import dev.quorate.kv.mvcc.MvccStore;
import dev.quorate.kv.mvcc.Writer;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.runtime.StateMachine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Carries out the commands of the raft log on the store. A request that cannot be carried out is answered with a {@link
 * CommandResult.Refused}; an exception means that this member cannot go on.
 */
public final class KvStateMachine implements StateMachine<CommandResult> {

    private final MvccStore store;
    private final long memberId;

    /**
     * @param store closed together with this
     * @param memberId this member: the origin of the commands whose answers somebody here waits for
     */
    public KvStateMachine(MvccStore store, long memberId) {
        this.store = store;
        this.memberId = memberId;
    }

    @Override
    public long appliedIndex() {
        return store.state().appliedIndex();
    }

    @Override
    public List<CommandResult> apply(List<Entry> entries) {
        Writer writer = store.writer();
        List<@Nullable CommandResult> results = new ArrayList<>(entries.size());
        boolean isDone = false;
        writer.begin();
        try {
            for (Entry entry : entries) {
                requireNext(entry.index(), writer);
                results.add(entry.type() == Entry.Type.COMMAND ? carryOut(entry, writer) : null);
                writer.applied(entry.index());
            }
            isDone = true;
        } finally {
            if (!isDone) {
                writer.abandon();
            }
        }
        writer.end();
        return asReturned(results);
    }

    /** The interface's list has nulls for entries that are no commands. */
    @SuppressWarnings("NullAway")
    private static List<CommandResult> asReturned(List<@Nullable CommandResult> results) {
        return results;
    }

    private static void requireNext(long index, Writer writer) {
        long applied = writer.state().appliedIndex();
        if (index != applied + 1) {
            throw new IllegalStateException("entry " + index + " cannot be applied after entry " + applied);
        }
    }

    private CommandResult carryOut(Entry entry, Writer writer) {
        byte[] command = entry.payload();
        try {
            return carryOut(entry, command, writer, Command.origin(command) == memberId);
        } catch (KvException e) {
            return new CommandResult.Refused(e.error());
        } catch (IOException | IllegalArgumentException e) {
            throw new IllegalStateException("entry " + entry + " holds no command: " + e.getMessage(), e);
        }
    }

    private static CommandResult carryOut(Entry entry, byte[] command, Writer writer, boolean isMine)
            throws KvException, IOException {
        return switch (Command.kind(command)) {
            case PUT -> {
                Writer.PutOutcome put =
                        writer.put(PutFields.read(command, Command.HEADER_BYTES).toPut(command, isMine));
                yield new CommandResult.Put(put.revision(), put.previous());
            }
            case DELETE_RANGE -> {
                DeleteRangeRequest request = DeleteRangeRequest.parseFrom(request(command));
                Writer.DeleteOutcome deleted =
                        writer.delete(request.getKey(), request.getRangeEnd(), isMine && request.getPrevKv());
                yield new CommandResult.Deleted(deleted.revision(), deleted.deleted(), deleted.previous());
            }
            case TXN -> new CommandResult.Txn(writer.txn(TxnRequest.parseFrom(request(command)), isMine));
            case COMPACT -> {
                writer.compact(CompactionRequest.parseFrom(request(command)).getRevision());
                yield new CommandResult.Done(writer.state().revision());
            }
            case MEMBER -> {
                ByteString member = request(command);
                writer.putNamed(Members.rowName(Member.parseFrom(member)), member.toByteArray());
                yield new CommandResult.Done(writer.state().revision());
            }
            case LEASE_GRANT, LEASE_REVOKE, LEASE_RENEW, LEASE_EXPIRE -> LeaseCommands.carryOut(entry, writer);
        };
    }

    private static ByteString request(byte[] command) {
        return UnsafeByteOperations.unsafeWrap(command, Command.HEADER_BYTES, command.length - Command.HEADER_BYTES);
    }

    @Override
    public void snapshot(Path directory) throws IOException {
        store.snapshot(directory);
    }

    @Override
    public void restore(Path directory, long appliedIndex) throws IOException {
        store.restore(directory, appliedIndex);
    }

    @Override
    public void close() {
        store.close();
    }
}
