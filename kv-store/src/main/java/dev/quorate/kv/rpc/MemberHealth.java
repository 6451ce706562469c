package dev.quorate.kv.rpc;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.AlarmMember;
import dev.quorate.kv.api.AlarmType;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.http.Health;
import dev.quorate.kv.mvcc.KvException;
import dev.quorate.kv.mvcc.MvccStore;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** How this member is. */
final class MemberHealth implements Health {

    /** Whether it is there makes no difference. */
    private static final RangeRequest ONE_KEY = RangeRequest.newBuilder()
            .setKey(ByteString.copyFromUtf8("health"))
            .setKeysOnly(true)
            .build();

    private final Replicator replicator;
    private final ReadBatcher reads;
    private final MvccStore store;
    private final SpaceGuard space;

    MemberHealth(Replicator replicator, ReadBatcher reads, MvccStore store, SpaceGuard space) {
        this.replicator = replicator;
        this.reads = reads;
        this.store = store;
        this.space = space;
    }

    @Override
    public boolean hasLeader() {
        return replicator.status().leader() != null;
    }

    @Override
    public List<AlarmType> alarms() {
        return space.alarms().raised().stream().map(AlarmMember::getAlarm).toList();
    }

    @Override
    public CompletableFuture<String> read(boolean isSerializable) {
        CompletableFuture<String> outcome = new CompletableFuture<>();
        ReadTask task = new ReadTask() {
            @Override
            public boolean isLong() {
                return false;
            }

            @Override
            public void run() {
                try {
                    store.range(ONE_KEY);
                    outcome.complete("");
                } catch (KvException | RuntimeException e) {
                    fail(e);
                }
            }

            @Override
            public void fail(Throwable why) {
                outcome.complete(String.valueOf(Errors.status(why).getDescription()));
            }
        };
        try {
            if (isSerializable) {
                reads.serializable(task);
            } else {
                reads.linearizable(task);
            }
        } catch (KvException e) {
            task.fail(e);
        }
        return outcome;
    }
}
