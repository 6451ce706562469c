/**
 * What must hold after every event, one class for each sentence. They see what left the cores, what is on the disks and
 * what clients were told; none of them trusts what a core says about another.
 */
@NullMarked
package dev.quorate.raft.simulator.invariant;

import org.jspecify.annotations.NullMarked;
