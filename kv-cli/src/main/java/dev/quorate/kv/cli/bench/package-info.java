/**
 * Closed-loop load over gRPC with as little client CPU as can be, and what came of it.
 */
@NullMarked
package dev.quorate.kv.cli.bench;

import org.jspecify.annotations.NullMarked;
