/** What a leader knows of each follower, and what a candidate knows of the votes. */
@NullMarked
package dev.quorate.raft.tracker;

import org.jspecify.annotations.NullMarked;
