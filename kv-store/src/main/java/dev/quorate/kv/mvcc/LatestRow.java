package dev.quorate.kv.mvcc;

/**
 * The value of a row of the table {@code latest}. Its key is the client's key.
 *
 * <pre>
 *   | create | version | lease | versions ever | place, jump places … |    all variable-length numbers
 * </pre>
 */
final class LatestRow {

    private LatestRow() {}

    static void encode(ByteWriter out, Version newest) {
        out.varint(newest.create()).varint(newest.version()).varint(newest.lease());
        newest.line().encode(out);
    }

    static Version decode(byte[] key, byte[] row, int length) {
        ByteReader in = new ByteReader(row, 0, length);
        long create = in.varint();
        long version = in.varint();
        long lease = in.varint();
        Chain chain = Chain.decode(in);
        Revision newest = chain.newest();
        return new Version(key, newest.main(), newest.sub(), create, version, lease, chain, null);
    }
}
