/**
 * A whole server: the raft node with its log and transport, the store, and the endpoint for clients, put together on one data
 * directory.
 *
 * <pre>
 *   DIRECTORY/lock        held while a server runs on it
 *   DIRECTORY/identity    whose data this is
 *   DIRECTORY/log         the raft log
 *   DIRECTORY/store       the keys
 *   DIRECTORY/snapshots   what members that are far behind fetch
 * </pre>
 */
@NullMarked
package dev.quorate.kv.server;

import org.jspecify.annotations.NullMarked;
