@NullMarked
package dev.quorate.raft.simulator.mutation;

import org.jspecify.annotations.NullMarked;
