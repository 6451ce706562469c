package dev.quorate.kv.command;

import dev.quorate.kv.api.AlarmMember;
import dev.quorate.kv.api.TxnResponse;
import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.Lease;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What came of a command. Headers are not filled in; pairs are mvccpb.KeyValue messages as bytes. */
public sealed interface CommandResult {

    /** Nothing has changed, on any member, and nothing will. */
    record Refused(KvError error) implements CommandResult {}

    /** @param previous the pair as it was; null if there was none or it was not asked for */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Put(long revision, byte @Nullable [] previous) implements CommandResult {}

    record Deleted(long revision, long deleted, List<byte[]> previous) implements CommandResult {}

    /** @param response its headers have a revision only */
    record Txn(TxnResponse response) implements CommandResult {}

    /** @param alarms those that were raised or taken back */
    record Alarmed(long revision, List<AlarmMember> alarms) implements CommandResult {}

    /** A lease was granted or renewed. */
    record Leased(long revision, Lease lease) implements CommandResult {}

    /** @param revision the store's revision when the command was carried out */
    record Done(long revision) implements CommandResult {}
}
