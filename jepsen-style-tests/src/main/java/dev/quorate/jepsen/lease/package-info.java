/**
 * Clients that hold leases beside the other clients of a run. A lease lasts at least as long as its holder was told, and not much
 * longer; its keys go all at once.
 */
@NullMarked
package dev.quorate.jepsen.lease;

import org.jspecify.annotations.NullMarked;
