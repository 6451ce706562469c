/**
 * How members of a group reach each other over TCP.
 *
 * <pre>
 *              n1                                              n2
 *   send() ─▶ PeerLink ══ messages, n1 to n2 ═════════▶ InboundMessages ─▶ onMessage()
 *   onMessage() ◀─ InboundMessages ◀═ messages, n2 to n1 ══ PeerLink ◀─ send()
 *   fetchSnapshot() ─▶ SnapshotFetch ◀══ files ════════ SnapshotSend ─▶ openSnapshot()
 * </pre>
 *
 * <p>Each side dials the connection that it sends on; what comes back on it is the answer to the handshake, and proof of
 * life. One connection carries all messages from one member to another, so their order is TCP's, with one exception that
 * is made before the socket: messages that are small and urgent (heartbeats, votes, reads, all answers) leave before
 * entries that are still queued here. No more than a small limit is handed to the socket at once, so that there is
 * something left to overtake. A second connection for the urgent ones would not have to share the socket's buffer, but
 * then nothing would stop entries from overtaking an answer that was sent before them.
 *
 * <p>A connection begins with eight bytes that name the protocol and its version, then come frames; {@code wire.proto}
 * says how they look. Bytes from the network are never trusted: each length is checked against a limit before anything is
 * allocated for it, and whoever breaks a rule loses the connection, with one line in the log.
 *
 * <p>Threads: one event loop (more on request) does all message I/O and never waits for anything. Snapshots move on
 * threads of their own, because they wait for disks.
 */
@NullMarked
package dev.quorate.raft.transport.netty;

import org.jspecify.annotations.NullMarked;
