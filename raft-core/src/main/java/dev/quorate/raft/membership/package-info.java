/** How memberships follow each other, in the log and by the rules; and when a learner is ready to vote. */
@NullMarked
package dev.quorate.raft.membership;

import org.jspecify.annotations.NullMarked;
