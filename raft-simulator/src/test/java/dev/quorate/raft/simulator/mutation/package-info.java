/** Wrong versions of the core, made by search and replace from its sources, which the simulator must catch. */
@NullMarked
package dev.quorate.raft.simulator.mutation;

import org.jspecify.annotations.NullMarked;
