/** What a global observer of a cluster knows: every log, every disk, what is committed, which rare situations occurred. */
@NullMarked
package dev.quorate.raft.simulator.observe;

import org.jspecify.annotations.NullMarked;
