package dev.quorate.raft.log.rocksdb;

/**
 * The limits of a {@link RocksDbLogStore}.
 *
 * @param memtableBytes how much of the log gathers in memory before it goes to a table file; also about the size of one
 *     write-ahead file. At most four of these are alive at a time. Default 16 MiB: a larger one saves a little CPU, because more
 *     is compacted away before it is written a second time; a smaller one has its first recycled write-ahead file sooner
 *     (after two of these were written), and starts faster after a crash.
 * @param maxChunkBytes the most bytes of entries under one key; an entry larger than this has a key of its own. Default 256
 *     KiB: a key costs next to nothing there, and a reader that wants one entry still reads little. 1 gives every
 *     entry its own key.
 * @param tailBytes how many bytes of the newest entries are read and checked at a start, and handed to the core. Default 8 MiB.
 * @param recycledWalFiles how many old write-ahead files are overwritten instead of deleted. A synced write into a file that
 *     does not grow changes no file system metadata, which spares the journal's part of the sync. Default 2; 0 for none.
 * @param repairFromPeers true if a damaged log is set aside and filled again by the group's other members ({@link
 *     RocksDbLogStore#openSingle} only). Default false: whoever sets it must make sure that there are others, and that the state
 *     machine is not ahead of an empty log
 */
public record RocksDbLogOptions(
        long memtableBytes, int maxChunkBytes, long tailBytes, int recycledWalFiles, boolean repairFromPeers) {

    public static final RocksDbLogOptions DEFAULTS = new RocksDbLogOptions(16L << 20, 256 << 10, 8L << 20, 2, false);

    /** RocksDB raises anything smaller to this. */
    private static final long LEAST_MEMTABLE_BYTES = 64 << 10;

    public RocksDbLogOptions {
        within("memtableBytes", memtableBytes, LEAST_MEMTABLE_BYTES, 1L << 30);
        within("maxChunkBytes", maxChunkBytes, 1, 16 << 20);
        within("tailBytes", tailBytes, 0, 1L << 30);
        within("recycledWalFiles", recycledWalFiles, 0, 16);
    }

    public RocksDbLogOptions withMemtableBytes(long value) {
        return new RocksDbLogOptions(value, maxChunkBytes, tailBytes, recycledWalFiles, repairFromPeers);
    }

    public RocksDbLogOptions withMaxChunkBytes(int value) {
        return new RocksDbLogOptions(memtableBytes, value, tailBytes, recycledWalFiles, repairFromPeers);
    }

    public RocksDbLogOptions withTailBytes(long value) {
        return new RocksDbLogOptions(memtableBytes, maxChunkBytes, value, recycledWalFiles, repairFromPeers);
    }

    public RocksDbLogOptions withRecycledWalFiles(int value) {
        return new RocksDbLogOptions(memtableBytes, maxChunkBytes, tailBytes, value, repairFromPeers);
    }

    public RocksDbLogOptions withRepairFromPeers(boolean value) {
        return new RocksDbLogOptions(memtableBytes, maxChunkBytes, tailBytes, recycledWalFiles, value);
    }

    private static void within(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    name + " is " + value + ", and must be at least " + least + " and at most " + most);
        }
    }
}
