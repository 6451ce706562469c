package dev.quorate.kv.mvcc;

/**
 * A lease as the log has it. When it ends is no part of it: that is counted in time, and time is no function of the log.
 *
 * @param id not 0
 * @param ttlSeconds how long it lasts after it was granted or renewed, at least 1
 * @param renewedAt the log index of the grant or of the newest renewal, whichever is later. Whoever finds that its time is
 *     over says of which renewal he speaks, so that one that he had not seen, or a later lease with the same id, lives on
 */
public record Lease(long id, long ttlSeconds, long renewedAt) {}
