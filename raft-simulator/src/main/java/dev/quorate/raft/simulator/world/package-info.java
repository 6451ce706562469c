/** What is simulated: time, network, disks, clocks, processes, state machines, clients, and the faults that befall them. */
@NullMarked
package dev.quorate.raft.simulator.world;

import org.jspecify.annotations.NullMarked;
