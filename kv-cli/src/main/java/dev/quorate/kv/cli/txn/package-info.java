/**
 * The text form of a transaction.
 */
@NullMarked
package dev.quorate.kv.cli.txn;

import org.jspecify.annotations.NullMarked;
