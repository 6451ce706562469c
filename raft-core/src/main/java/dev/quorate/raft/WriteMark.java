package dev.quorate.raft;

/**
 * Names one write to the durable log. The driver hands it back through {@link Raft#persisted} when the write, and every
 * write before it, is durable.
 *
 * <p>The number is what makes a completion safe: "durable up to index 7" says nothing after index 7 was truncated and
 * written again by another leader while the first write was on its way (the ABA of truncate and rewrite). Writes that were
 * handed out before a truncation carry smaller numbers than it, and are ignored after it.
 *
 * @param number counts the writes of this life of the node, from 1
 * @param lastIndex the last entry of the log as it stands on disk after this write
 */
public record WriteMark(long number, long lastIndex) {}
