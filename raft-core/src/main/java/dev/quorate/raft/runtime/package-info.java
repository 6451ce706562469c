/**
 * What drives a {@link dev.quorate.raft.Raft}: one owner thread with a bounded mailbox, a log thread that groups writes, an
 * apply thread that feeds the state machine, and the three places where an embedder plugs in: {@link
 * dev.quorate.raft.runtime.DurableLog}, {@link dev.quorate.raft.runtime.Transport}, {@link
 * dev.quorate.raft.runtime.StateMachine}.
 */
@NullMarked
package dev.quorate.raft.runtime;

import org.jspecify.annotations.NullMarked;
