/**
 * What is replicated: commands, their bytes in the raft log, and the state machine that carries them out on the store.
 */
@NullMarked
package dev.quorate.kv.command;

import org.jspecify.annotations.NullMarked;
