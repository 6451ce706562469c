/**
 * The values that the rooms of Quorate hand to each other: entries, hard state, membership, messages, snapshot metadata.
 *
 * <p>All of them are immutable. A {@code byte[]} payload is handed over, never copied: whoever gives one away must not
 * write to it again.
 */
@NullMarked
package dev.quorate.raft.model;

import org.jspecify.annotations.NullMarked;
