/** The log as the algorithm sees it: which term stands where, what is durable, committed and applied, and the newest entries themselves. */
@NullMarked
package dev.quorate.raft.log;

import org.jspecify.annotations.NullMarked;
