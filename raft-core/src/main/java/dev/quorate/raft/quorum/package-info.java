/** The arithmetic of agreement: what a majority, or two majorities at once, has voted for or acknowledged. No state, no time. */
@NullMarked
package dev.quorate.raft.quorum;

import org.jspecify.annotations.NullMarked;
