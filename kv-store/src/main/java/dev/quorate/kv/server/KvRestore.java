package dev.quorate.kv.server;

import dev.quorate.kv.backup.BackupFile;
import dev.quorate.kv.command.KvStateMachine;
import dev.quorate.kv.command.RestoredStore;
import dev.quorate.kv.files.FileTrees;
import dev.quorate.kv.mvcc.MvccStore;
import dev.quorate.kv.mvcc.StorageException;
import dev.quorate.kv.mvcc.StoreOptions;
import dev.quorate.kv.rpc.Identity;
import dev.quorate.kv.server.KvServerException.Reason;
import dev.quorate.raft.log.rocksdb.RocksDbLogOptions;
import dev.quorate.raft.log.rocksdb.RocksDbLogStore;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.runtime.DurableLog;
import dev.quorate.raft.runtime.RaftNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/**
 * Makes the data directory of a founder of a new cluster out of a backup (ADR 18). Every founder of that cluster is made from the
 * same file with the same configuration; a member that was made from another one, or from none, is not let in. Then {@link
 * KvServer#start} starts each as it would any other.
 */
public final class KvRestore {

    private KvRestore() {}

    /**
     * What a restored member begins with.
     *
     * @param clusterId the new cluster
     * @param revision where it goes on
     */
    public record Restored(long clusterId, long revision) {}

    /**
     * Restores one member. The data directory is there whole or not at all; work is done in a new directory beside it.
     *
     * @param config of the server that will run on it; its name, initial cluster, token and data directory count here
     * @param bump added to the backup's revision, and the history before is given up: for clients that have seen revisions of the
     *     old cluster which the backup does not have; 0 for none
     * @param progress told how many bytes of {@link BackupFile#archiveBytes} were read
     * @throws KvServerException if the directory is in use or holds something, or the backup is damaged; nothing was changed
     */
    public static Restored run(BackupFile backup, KvServerConfig config, long bump, LongConsumer progress)
            throws KvServerException {
        if (bump < 0 || bump > Long.MAX_VALUE / 2) {
            throw new KvServerException(
                    Reason.DATA_UNUSABLE, "revisions cannot be moved by " + bump + "; give a number from 0 up to 2^62");
        }
        if (!config.join().isEmpty()) {
            throw new KvServerException(
                    Reason.IDENTITY_MISMATCH,
                    "a member that joins gets its data from the cluster, and not from a backup; only founders are restored");
        }
        Path target = config.dataDirectory().toAbsolutePath();
        try {
            requireNothingIn(target);
            Path parent = target.resolveSibling(".");
            Files.createDirectories(parent);
            Path work = Files.createTempDirectory(parent, target.getFileName() + ".restoring-");
            boolean isDone = false;
            try {
                Restored restored = restore(backup, config, bump, progress, work);
                FileTrees.sync(work);
                Files.move(work, target, StandardCopyOption.ATOMIC_MOVE); // fails if something is there by now
                FileTrees.syncOne(parent);
                isDone = true;
                return restored;
            } finally {
                if (!isDone) {
                    FileTrees.delete(work);
                }
            }
        } catch (IOException | StorageException e) {
            throw KvServer.explained(config, e);
        }
    }

    private static void requireNothingIn(Path target) throws KvServerException, IOException {
        if (!Files.exists(target)) {
            return;
        }
        try (Stream<Path> files = Files.list(target)) {
            if (files.findAny().isPresent()) {
                throw new KvServerException(
                        Reason.DIRECTORY_FOREIGN,
                        "the data directory " + target
                                + " is not empty, and a restore replaces nothing; choose a new one, or move the old one away");
            }
        } catch (NotDirectoryException e) {
            throw new KvServerException(
                    Reason.DIRECTORY_FOREIGN, "the data directory " + target + " is a file; choose a new one", e);
        }
    }

    private static Restored restore(
            BackupFile backup, KvServerConfig config, long bump, LongConsumer progress, Path work)
            throws KvServerException, IOException {
        Map<NodeId, String> members = new TreeMap<>();
        config.initialCluster().forEach((name, address) -> members.put(NodeId.of(name), address));
        String origin = backup.sha256() + (bump == 0 ? "" : " bumped by " + bump);
        Identity identity = Identity.of(config.clusterToken(), members, NodeId.of(config.name()))
                .restored(origin);
        try (DataDirectory directory = DataDirectory.open(work, identity, origin)) {
            Files.createDirectory(directory.store());
            backup.extract(directory.store(), progress);
            try (MvccStore store = MvccStore.open(directory.store(), StoreOptions.defaults());
                    DurableLog log = RocksDbLogStore.openSingle(
                            directory.log(), KvServer.GROUP_ID, RocksDbLogOptions.DEFAULTS)) {
                RestoredStore.prepare(store, bump);
                RaftNode.found(
                        KvServer.options(config, identity, Membership.of(members), directory),
                        log,
                        new KvStateMachine(store, identity.memberId()));
                return new Restored(identity.clusterId(), store.state().revision());
            }
        }
    }
}
