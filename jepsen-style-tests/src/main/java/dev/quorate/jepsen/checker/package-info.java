/**
 * Judges a history; pure: a history in, a verdict out.
 *
 * <pre>
 *              one key at a time                               the whole store at once
 *   History ─► KeyCall ─► LinearizabilityChecker ─┐    ┌─ RevisionChecker ◄─ History
 *                              │ no               ├────┤
 *                              ▼                  ▼    ▼
 *                        Counterexample ────►  Verdict (HistoryChecker)
 * </pre>
 *
 * <p>Two judges, because each sees what the other cannot. {@link dev.quorate.jepsen.checker.LinearizabilityChecker} believes
 * nothing that the server says about order, and searches; it can look at one key only (linearizability is local: a history
 * is linearizable exactly if each key's is). {@link dev.quorate.jepsen.checker.RevisionChecker} takes the server's revisions
 * for its order of all keys, and holds it to them in linear time.
 */
@NullMarked
package dev.quorate.jepsen.checker;

import org.jspecify.annotations.NullMarked;
