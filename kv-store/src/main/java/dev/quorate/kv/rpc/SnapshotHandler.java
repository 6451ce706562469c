package dev.quorate.kv.rpc;

import com.google.protobuf.UnsafeByteOperations;
import dev.quorate.kv.api.SnapshotRequest;
import dev.quorate.kv.api.SnapshotResponse;
import dev.quorate.kv.backup.Backups;
import dev.quorate.kv.mvcc.KvException;
import dev.quorate.raft.ReadConsistency;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A backup of this member's store, see {@link dev.quorate.kv.backup}. As in etcd it is of what this member has, so that one without a
 * leader gives one too; with the header of {@link ConsistencyHeader} it has everything that was acknowledged before.
 */
final class SnapshotHandler implements ServerCallHandler<byte[], byte[]> {

    /** Then it is somebody else's turn on the reader thread. */
    private static final int MAX_PARTS_AT_A_TIME = 32;

    private final Replicator replicator;
    private final Backups backups;
    private final ReadBatcher reads;

    SnapshotHandler(Replicator replicator, Backups backups, ReadBatcher reads) {
        this.replicator = replicator;
        this.backups = backups;
        this.reads = reads;
    }

    @Override
    public ServerCall.Listener<byte[]> startCall(ServerCall<byte[], byte[]> call, Metadata headers) {
        return new Stream(call).start(headers, replicator.status().leader() != null, ReadConsistency.LOCAL);
    }

    private final class Stream extends StreamedCall {
        private ReadConsistency consistency = ReadConsistency.LOCAL;
        private Backups.@Nullable Backup backup; // guarded by this

        Stream(ServerCall<byte[], byte[]> call) {
            super(call, reads);
        }

        @Override
        void consistency(ReadConsistency wanted) {
            consistency = wanted;
        }

        @Override
        ReadConsistency begin(byte[] bytes) throws KvException {
            Marshallers.request(SnapshotRequest.parser(), bytes);
            return consistency;
        }

        @Override
        boolean sendNext() throws KvException, IOException {
            Backups.Backup reading = opened();
            for (int parts = 0; parts < MAX_PARTS_AT_A_TIME; parts++) {
                byte[] part = reading.next();
                if (part == null) {
                    return false;
                }
                call.sendMessage(SnapshotResponse.newBuilder()
                        .setRemainingBytes(reading.remainingBytes())
                        .setBlob(UnsafeByteOperations.unsafeWrap(part))
                        .setVersion(MaintenanceService.STORAGE_VERSION)
                        .build()
                        .toByteArray());
                if (!call.isReady()) {
                    break;
                }
            }
            return true;
        }

        private Backups.Backup opened() throws KvException, IOException {
            synchronized (this) {
                if (backup != null) {
                    return backup;
                }
            }
            Backups.Backup begun = backups.begin();
            synchronized (this) {
                backup = begun;
            }
            if (isOver()) {
                begun.close(); // the caller went away meanwhile
            }
            return begun;
        }

        /** Not on this thread, which may be the event loop: the copy is deleted. */
        @Override
        void ended() {
            Backups.Backup begun;
            synchronized (this) {
                begun = backup;
            }
            if (begun != null) {
                reads.amongLongReads(begun::close);
            }
        }
    }
}
