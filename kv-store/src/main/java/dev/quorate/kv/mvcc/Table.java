package dev.quorate.kv.mvcc;

/** The tables of the store. The order is that of RocksDB's column families; the first is the one that always exists. */
enum Table {
    /** A few rows about the store as a whole. */
    STATE("default"),
    /** Where the newest version of each key stands. */
    LATEST("latest"),
    /** Every version that is not compacted away. */
    REVISIONS("revisions"),
    /** Which leases exist, and which keys belong to each. */
    LEASES("leases");

    private final String label;

    Table(String label) {
        this.label = label;
    }

    String label() {
        return label;
    }
}
