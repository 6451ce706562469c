/**
 * Wrong versions of the core, made by search and replace from its sources, which the simulator must catch: {@code ./simulate
 * mutations [DIR]}. {@link dev.quorate.raft.simulator.mutation.Mutation} says how a file is written.
 */
@NullMarked
package dev.quorate.raft.simulator.mutation;

import org.jspecify.annotations.NullMarked;
