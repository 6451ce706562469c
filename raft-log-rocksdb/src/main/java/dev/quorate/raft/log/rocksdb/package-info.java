/**
 * The durable Raft log on RocksDB: {@link dev.quorate.raft.log.rocksdb.RocksDbLogStore} opens a directory and hands out one
 * {@link dev.quorate.raft.runtime.DurableLog} per group.
 *
 * <p>What a directory holds:
 *
 * <pre>
 *   FORMAT         "quorate raft log, format 1": whose directory this is, and in which format
 *   LOCK           held by the process that has it open, whose id is in it
 *   ACKNOWLEDGED   the newest write that was acknowledged, in a memory mapped file (see AcknowledgedMark)
 *   PROMISES-7     term and vote of group 7 once more, for the case that the database is damaged (see Promises)
 *   DAMAGED        why the database is to be set aside; only from its discovery to the next start (see Repair)
 *   db/            RocksDB's own files
 *   db.damaged/    a database that was set aside (db.damaged-2/ the next one); nobody needs it once the member is whole again
 * </pre>
 *
 * <p>What the database holds. Every key starts with the group, every number is big-endian, so that keys sort as numbers do.
 * Every value starts with a CRC-32C of its key and of what follows: a good value in a wrong place is noticed.
 *
 * <pre>
 *   column family "log":      group 8 │ generation 4 │ first index 8  →  a chunk of contiguous entries
 *
 *     crc32c 4 │ count 4 │ term before the first entry 8 │ count × entry
 *     entry:  type 1, with bit 7 set if a new term 8 follows │ length 4 │ payload
 *
 *   column family "default":  group 8 │ kind 1 │ [index 8]            →  small facts
 *
 *     1 hard state    term 8 │ vote (empty: none)
 *     2 base          generation 4 │ index 8 │ term 8 │ membership
 *     3 incarnation   number 8
 *     4 term run      term 8, for each index at which a term begins
 *     5 membership    term 8 │ type 1 │ payload, for each membership entry
 *     6 damaged       there while a log that was lost is not back
 * </pre>
 *
 * <p><b>One key per write, not per entry.</b> What one call of {@code write} appends becomes one chunk (several if it is
 * large). A key costs RocksDB the same whether it carries one entry or a thousand.
 *
 * <p><b>A chunk holds entry {@code i} if it has the greatest key that is not above {@code i}.</b> Chunks never overlap: a
 * truncation in the middle of a chunk writes the chunk again, cut short, in the same atomic batch. Each chunk knows the
 * term before its first entry, so that neighbours are checked to join by index <em>and</em> term.
 *
 * <p><b>A start does not scan the log.</b> Where terms begin and where memberships are is written beside the entries; only
 * the tail is read.
 *
 * <p><b>A reset starts a new generation of keys.</b> Chunks of older generations cannot be found any more, whatever becomes
 * of them.
 *
 * <p>Threads: one per group writes, any number reads, and one of the store's own frees what compaction left behind.
 */
@NullMarked
package dev.quorate.raft.log.rocksdb;

import org.jspecify.annotations.NullMarked;
