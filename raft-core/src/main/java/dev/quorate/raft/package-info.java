/**
 * The Raft algorithm as a pure state machine.
 *
 * <pre>
 *   verbs in                                     one Output per batch out
 *   tick, receive, propose, readIndex,  ┌──────┐  send, persist, apply, fetch, install,
 *   persisted, applied, fetched,    ──▶ │ Raft │ ──▶  reads, accepted, rejected, roleChange
 *   snapshotTaken, snapshotInstalled    └──────┘
 * </pre>
 *
 * <p>A {@link dev.quorate.raft.Raft} has no thread, lock, clock, randomness of its own, file, socket or log line. One
 * thread owns it. Everything that happens to it is a method call; everything it wants done is a value in
 * {@link dev.quorate.raft.Output}. The order of durability is in the types: what may leave only when a write is durable
 * sits in {@link dev.quorate.raft.Persist#unlocks()}.
 */
@NullMarked
package dev.quorate.raft;

import org.jspecify.annotations.NullMarked;
