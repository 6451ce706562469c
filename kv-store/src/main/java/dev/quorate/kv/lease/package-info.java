/**
 * The time of leases. The log says which leases exist and when, in its own order, each was renewed; every member counts time for
 * itself from the moment at which it carries that out, and the leader proposes to end those whose time is over.
 */
@NullMarked
package dev.quorate.kv.lease;

import org.jspecify.annotations.NullMarked;
