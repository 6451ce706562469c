/**
 * A whole Raft cluster in one thread: pure cores, a network, disks, clocks and clients, all in simulated time, all drawn
 * from one seed.
 *
 * <pre>
 *   seed ──▶ Swarm (which faults, how strong) ──▶ world ──▶ events in simulated time
 *                                                   │
 *                          every batch, write, crash, apply, answer
 *                                                   ▼
 *                                     Observer ──▶ invariants, coverage
 * </pre>
 *
 * <p>The same seed gives the same run, event for event: there is no thread, no wall clock and no iteration over hash order.
 * A violated invariant is therefore its own bug report: the seed is the command that replays it.
 *
 * <p>Rooms, each of which opens only downward: this one (command and one run) → {@code world} (what is simulated) → {@code
 * invariant} (what must hold) → {@code observe} (what is seen).
 */
@NullMarked
package dev.quorate.raft.simulator;

import org.jspecify.annotations.NullMarked;
