/**
 * Calls to a cluster, one at a time: which endpoint to ask, when to ask the next one, and what a failure lets the caller
 * conclude.
 */
@NullMarked
package dev.quorate.kv.cli.client;

import org.jspecify.annotations.NullMarked;
