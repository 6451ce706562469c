/**
 * What the clients of a run saw: one {@link dev.quorate.jepsen.history.Operation} per request, one
 * {@link dev.quorate.jepsen.history.NemesisEvent} per fault, kept as JSON lines.
 *
 * <p>All times of a run are nanoseconds since its start, on the monotonic clock of the one process that ran every client:
 * that is what makes "completed before the other was invoked" a fact and not an estimate.
 */
@NullMarked
package dev.quorate.jepsen.history;

import org.jspecify.annotations.NullMarked;
