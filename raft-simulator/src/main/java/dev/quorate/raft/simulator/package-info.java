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
 * <p>An embedder puts a state machine of their own in the place of the simulator's registers:
 *
 * <pre>{@code
 * Simulation.of(MyStateMachine::new, random -> MyCommands.next(random))
 *         .comparing(MyStateMachine::view)
 *         .run(1, 50);
 * }</pre>
 *
 * <p>See {@link dev.quorate.raft.simulator.StateMachineSimulation} for what is checked, and {@code
 * docs/simulate-your-state-machine.md} for a whole example.
 *
 * <p>Rooms, each of which opens only downward: this one (command and one run) → {@code machine} (an embedder's state machine)
 * → {@code world} (what is simulated) → {@code invariant} (what must hold) → {@code observe} (what is seen).
 */
@NullMarked
package dev.quorate.raft.simulator;

import org.jspecify.annotations.NullMarked;
