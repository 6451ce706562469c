/**
 * The store: every version of every key since the last compaction, on disk, at etcd's semantics.
 *
 * <pre>
 *   latest      key                → where its newest version stands (tombstones too), and the way back
 *   revisions   revision           → the way back, and the pair as a mvccpb.KeyValue
 *   default     "state"            → revision, compacted revision, applied index: in the same batch as the data
 * </pre>
 *
 * <p>There is no third table for history. A version points to the one before it and to one further back (see {@link
 * dev.quorate.kv.mvcc.Chain}), so that a read at an old revision walks a logarithmic number of steps, and a put costs
 * one small random write and one sequential write instead of three writes. Values live only under their revision: that table
 * grows at its end, so that RocksDB moves its files instead of rewriting them.
 *
 * <p>There is no write-ahead log: the raft log is one. What a crash takes away is applied again from there, starting behind
 * the applied index that survived.
 *
 * <p>Threads: one writes ({@link dev.quorate.kv.mvcc.Writer}), any number read ({@link dev.quorate.kv.mvcc.MvccStore}), one
 * removes compacted versions in the background ({@link dev.quorate.kv.mvcc.Compactor}).
 */
@NullMarked
package dev.quorate.kv.mvcc;

import org.jspecify.annotations.NullMarked;
