/** An embedder's state machine in the simulated world: its lives, its files, and the witness that it is measured against. */
@NullMarked
package dev.quorate.raft.simulator.machine;

import org.jspecify.annotations.NullMarked;
