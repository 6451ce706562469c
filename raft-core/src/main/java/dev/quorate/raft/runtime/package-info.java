/**
 * What drives a {@link dev.quorate.raft.Raft}, and the three places where an embedder plugs in: {@link
 * dev.quorate.raft.runtime.DurableLog}, {@link dev.quorate.raft.runtime.Transport}, {@link
 * dev.quorate.raft.runtime.StateMachine}. Each has a form in memory: {@link dev.quorate.raft.runtime.InMemoryLog}, {@link
 * dev.quorate.raft.runtime.InMemoryNetwork}, {@link dev.quorate.raft.runtime.InMemoryStateMachine}.
 *
 * <pre>
 *   any thread           raft thread               log thread
 *   propose ──┐         ┌───────────┐   Persist   ┌───────────┐  one sync for all that waits
 *   readIndex ┼ Mailbox │ RaftLoop  │ ──────────▶ │ LogWriter │ ──▶ DurableLog
 *   messages ─┘   ──▶   │  (Raft)   │ ◀────────── │           │ ──▶ Transport: what the write unlocks
 *                       └───────────┘  persisted  └───────────┘
 *                     send │     │ accepted, apply, reads, install
 *                          ▼     ▼                apply thread
 *                  Transport   ┌───────────┐
 *                              │ ApplyLoop │ ──▶ StateMachine, the proposers' and readers' futures
 *                              └───────────┘
 * </pre>
 *
 * <p>Each box has one thread and owns its state; between boxes there is one queue. That is why the hot path has no lock: who
 * waits at which log index is known to the apply thread alone, who waits for the core to the raft thread alone. A box that
 * falls behind never holds up another: the raft thread waits for nobody, so heartbeats leave while a disk syncs or a snapshot
 * is written. Two helper threads exist while there is work for them: one reads old entries for followers, one moves
 * snapshots.
 *
 * <p>What can break a promise stops the whole node at once ({@code Fence}): a write whose outcome is unknown, a state machine
 * that throws, a broken invariant. Whoever waits is told, by a {@link dev.quorate.raft.runtime.RaftException} that says
 * whether the failure is definite.
 */
@NullMarked
package dev.quorate.raft.runtime;

import org.jspecify.annotations.NullMarked;
