/**
 * Client sessions (thesis §6.3): what makes a command that is proposed again happen once. Values and pure functions of the
 * log; {@code runtime} puts them around a state machine, the simulator drives them by itself.
 *
 * <pre>
 *   client                              log                          every member
 *   SessionWindow ── Apply(s, 7, …) ──▶ 41: Apply(s, 7, …) ──▶ SessionTable: new, runs; remembers the answer
 *        │  no answer: the same again ▶ 57: Apply(s, 7, …) ──▶ SessionTable: known, answers as before
 *        └─ Apply(s, 9, first = 8, …) ▶ 60: …              ──▶ SessionTable: forgets the answers below 8
 *   SessionClock (the leader's) ──────▶ 61: Tick(from, elapsed) ──▶ log time moves; idle sessions end
 * </pre>
 */
@NullMarked
package dev.quorate.raft.session;

import org.jspecify.annotations.NullMarked;
