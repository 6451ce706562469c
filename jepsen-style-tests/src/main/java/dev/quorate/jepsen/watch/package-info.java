/**
 * Watchers beside the clients of a run: each follows all keys through faults, from node to node, and must in the end have seen what
 * every member of the cluster says has happened, each change once, in order.
 */
@NullMarked
package dev.quorate.jepsen.watch;

import org.jspecify.annotations.NullMarked;
