package dev.quorate.raft.log.rocksdb;

import dev.quorate.raft.model.Membership;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/**
 * What is done with a damaged database of one group: it is set aside, and an empty one takes its place. The term and the vote are
 * kept by {@link Promises}; that these are there and the log is not is what makes the member start as damaged.
 *
 * <pre>
 *   found damaged    DAMAGED says why            a crash from here on: the next start goes on
 *                    db/ → db.damaged/
 *                    ACKNOWLEDGED is deleted     its numbers are of the other database
 *                    DAMAGED is deleted
 * </pre>
 *
 * <p>Nothing that was set aside is ever deleted here: if more members are damaged than a group bears, it may be all there is.
 */
final class Repair {

    private static final System.Logger LOG = System.getLogger(RocksDbLogStore.class.getName());

    private Repair() {}

    /**
     * Opens the database; one that is damaged is set aside if the promises of this group are known.
     *
     * @throws CorruptLogException if they are not
     */
    static Engine open(StoreDirectory directory, long groupId, RocksDbLogOptions options) throws IOException {
        String known = known(directory);
        if (known == null) {
            Engine engine = null;
            try {
                engine = Engine.open(directory, options);
                LogRecovery.read(engine, groupId, Membership.EMPTY, options.tailBytes());
                return engine;
            } catch (CorruptLogException e) {
                if (engine != null) {
                    engine.closeDatabase();
                }
                if (Promises.open(directory, groupId).newest() == null) {
                    throw e;
                }
                known = String.valueOf(e.getMessage());
                remember(directory, known);
            } catch (IOException | RuntimeException e) {
                if (engine != null) {
                    engine.closeDatabase();
                }
                throw e;
            }
        } else if (Promises.open(directory, groupId).newest() == null) {
            throw new CorruptLogException(known);
        }
        setAside(directory);
        LOG.log(
                System.Logger.Level.WARNING,
                "the Raft log in {0} is damaged: {1}. It is set aside there as db.damaged, and this member gets its log from"
                        + " its peers; until it has all of it, it neither votes nor leads",
                directory.path(),
                known);
        return Engine.open(directory, options);
    }

    private static @Nullable String known(StoreDirectory directory) throws IOException {
        Path mark = directory.damagedMark();
        return Files.exists(mark) ? Files.readString(mark, StandardCharsets.UTF_8) : null;
    }

    /** The next start will do it. */
    static void remember(StoreDirectory directory, String why) throws IOException {
        Path draft =
                directory.damagedMark().resolveSibling(directory.damagedMark().getFileName() + ".new");
        Files.writeString(draft, why, StandardCharsets.UTF_8);
        StoreDirectory.syncFile(draft);
        Files.move(draft, directory.damagedMark(), StandardCopyOption.ATOMIC_MOVE);
        StoreDirectory.syncDirectory(directory.path());
    }

    private static void setAside(StoreDirectory directory) throws IOException {
        if (Files.exists(directory.database())) {
            Files.move(directory.database(), directory.freeSetAside(), StandardCopyOption.ATOMIC_MOVE);
        }
        Files.deleteIfExists(directory.acknowledgedMark());
        StoreDirectory.syncDirectory(directory.path());
        Files.delete(directory.damagedMark());
        StoreDirectory.syncDirectory(directory.path());
    }
}
