/** How memberships follow each other in the log, and come back when it is truncated. */
@NullMarked
package dev.quorate.raft.membership;

import org.jspecify.annotations.NullMarked;
