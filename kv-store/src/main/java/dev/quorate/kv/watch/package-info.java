/**
 * Who watches is told what is written: each change of the watched keys once, in the order of the revisions, a revision's changes
 * together.
 *
 * <pre>
 *   apply thread ──▶ mailbox (bounded) ──▶ watch thread: index ──▶ sinks of the live watchers
 *                                             │  ▲ late watchers: recent changes, or
 *                                             ▼  │
 *                                          reading thread: table of revisions
 * </pre>
 *
 * <p>The table of revisions is the truth; everything in memory is a short way around it. The apply thread only leaves a reference to
 * what it wrote. What does not fit into the mailbox, what led to a snapshot that was installed, and what a slow client
 * could not be sent is read from the table later; so nobody is waited for, memory is bounded, and nothing is lost or told twice. Only
 * compaction ends a watch: when it needs a change that is given up.
 *
 * <p>From within the server: {@link dev.quorate.kv.watch.WatchHub#subscribe} hears all changes of some keys, {@link
 * dev.quorate.kv.watch.WatchHub#whenDeleted} waits for the end of one:
 *
 * <pre>
 *   RangeResult seen = store.range(…);                          // at seen.revision()
 *   hub.whenDeleted(key, seen.revision() + 1).thenAccept(…);    // cancel() ends it
 *   hub.subscribe(KeyRange.of(key, end), EventFilter.ALL, seen.revision() + 1, listener);   // close() ends it
 * </pre>
 *
 * Listeners are called on the watch thread, which is everybody's, and must not wait.
 */
@NullMarked
package dev.quorate.kv.watch;

import org.jspecify.annotations.NullMarked;
