/** Tests of the durable log: its behaviour, a model, crashes and damage, and a benchmark that is run by hand. */
@NullMarked
package dev.quorate.raft.log.rocksdb;

import org.jspecify.annotations.NullMarked;
