/**
 * Chaos: real servers, real faults, and a judgement whether the clients saw one linearizable store.
 *
 * <p>{@code ./chaos} starts {@link dev.quorate.jepsen.Chaos}. The rooms: {@code cluster} runs the servers, {@code workload}
 * says what to ask, {@code client} asks, {@code nemesis} hurts, {@code history} keeps what was seen, {@code checker} judges
 * it, {@code run} puts them together, {@code selfcheck} checks the checker.
 */
@NullMarked
package dev.quorate.jepsen;

import org.jspecify.annotations.NullMarked;
