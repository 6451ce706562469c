package dev.quorate.kv.command;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.quorate.kv.api.AlarmRequest;
import dev.quorate.kv.api.AlarmRequest.AlarmAction;
import dev.quorate.kv.api.AlarmType;
import dev.quorate.kv.api.CompactionRequest;
import dev.quorate.kv.api.DeleteRangeRequest;
import dev.quorate.kv.api.Member;
import dev.quorate.kv.api.TxnRequest;
import dev.quorate.kv.auth.AuthStore;
import dev.quorate.kv.auth.Caller;
import dev.quorate.kv.auth.SimpleTokens;
import dev.quorate.kv.mvcc.KvException;
import dev.quorate.kv.mvcc.MvccStore;
import dev.quorate.kv.mvcc.State;
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
    private final AuthStore auth;
    private final long memberId;
    private final Alarms alarms;
    private final DataCheck check;

    /**
     * @param store closed together with this
     * @param auth who may do what, in the same store
     * @param memberId this member: the origin of the commands whose answers somebody here waits for
     */
    public KvStateMachine(MvccStore store, AuthStore auth, long memberId) {
        this.store = store;
        this.auth = auth;
        this.memberId = memberId;
        this.alarms = new Alarms(store.named());
        this.check = new DataCheck(store.named());
    }

    /** What is raised, as of the last entry that was applied. */
    public Alarms alarms() {
        return alarms;
    }

    /** How far the members' comparison of what they hold is. */
    public DataCheck check() {
        return check;
    }

    /** For a store that nobody asks for permission, in this process: {@link #KvStateMachine(MvccStore, AuthStore, long)}. */
    public KvStateMachine(MvccStore store, long memberId) {
        this(store, new AuthStore(store, new SimpleTokens(System::nanoTime, () -> 0)), memberId);
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
        check.published();
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
            return carryOut(entry, permitted(command, writer), writer, Command.origin(command) == memberId);
        } catch (KvException e) {
            return new CommandResult.Refused(e.error());
        } catch (IOException | IllegalArgumentException e) {
            throw new IllegalStateException("entry " + entry + " holds no command: " + e.getMessage(), e);
        }
    }

    /**
     * The command itself, if it may be carried out. Its keys were looked at when it was proposed, which holds as long as the auth
     * revision is the same; those of a lease are known only here, and so is whether who may do everything may do so still. A member that had not heard yet that permissions are in force
     * let it pass without a name.
     */
    private byte[] permitted(byte[] command, Writer writer) throws KvException, IOException {
        Command.Kind kind = Command.kind(command);
        if (kind == Command.Kind.AUTHENTICATED) {
            AuthenticatedCommand authenticated = AuthenticatedCommand.read(command);
            if (Command.kind(authenticated.command()).needsRoot()) {
                auth.state().requireRoot(authenticated.caller());
            } else {
                auth.state().requireUser(authenticated.caller());
            }
            LeaseCommands.requireWrite(auth.state(), authenticated.caller(), authenticated.command(), writer);
            return authenticated.command();
        }
        if (kind.needsCaller()) {
            auth.state().requireUser(Caller.NOBODY);
        }
        return command;
    }

    private CommandResult token(byte[] command, Writer writer) throws KvException {
        AuthenticatedCommand given = AuthenticatedCommand.read(command);
        auth.state().requireUser(given.caller());
        auth.tokens()
                .accept(request(given.command()).toStringUtf8(), given.caller().user());
        return new CommandResult.Done(writer.state().revision());
    }

    private CommandResult carryOut(Entry entry, byte[] command, Writer writer, boolean isMine)
            throws KvException, IOException {
        Command.Kind kind = Command.kind(command);
        alarms.requireAdmitted(kind, command);
        if (kind.isAuthChange()) {
            auth.change(kind, request(command), writer);
            return new CommandResult.Done(writer.state().revision());
        }
        return switch (kind) {
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
            case COMPACT, AUTO_COMPACT -> {
                writer.compact(CompactionRequest.parseFrom(request(command)).getRevision());
                yield new CommandResult.Done(writer.state().revision());
            }
            case MEMBER -> {
                ByteString member = request(command);
                writer.putNamed(Members.rowName(Member.parseFrom(member)), member.toByteArray());
                yield new CommandResult.Done(writer.state().revision());
            }
            case ALARM -> {
                AlarmRequest request = AlarmRequest.parseFrom(request(command));
                if (request.getAlarm() == AlarmType.CORRUPT && request.getAction() == AlarmAction.ACTIVATE) {
                    check.end(writer);
                }
                yield new CommandResult.Alarmed(writer.state().revision(), alarms.carryOut(request, writer));
            }
            case CHECK -> {
                State state = writer.state();
                check.begin(entry.index(), writer, state.revision(), state.compacted());
                yield new CommandResult.Done(state.revision());
            }
            case CHECK_ANSWER -> {
                check.answer(Command.origin(command), command, writer);
                yield new CommandResult.Done(writer.state().revision());
            }
            case LEASE_GRANT, LEASE_REVOKE, LEASE_RENEW, LEASE_EXPIRE -> LeaseCommands.carryOut(entry, command, writer);
            case TOKEN -> token(command, writer);
            default ->
                throw new IllegalArgumentException("a command of the kind " + kind + " stands inside of another");
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
        alarms.reset(store.named());
        check.reset(store.named());
        auth.reload();
    }

    @Override
    public void close() {
        store.close();
    }
}
