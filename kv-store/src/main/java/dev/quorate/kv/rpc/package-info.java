/**
 * The etcd v3 protocol over gRPC: checks a request, hands it on, and writes the answer. Handlers run on the event loop and
 * never wait: a write ends in the node's mailbox, a read in the batch that is being gathered.
 *
 * <pre>
 *   event loop: check → {@link dev.quorate.kv.rpc.Replicator#propose} … apply thread: answer
 *   event loop: check → {@link dev.quorate.kv.rpc.ReadBatcher} → read index … reader thread: read, answer
 * </pre>
 */
@NullMarked
package dev.quorate.kv.rpc;

import org.jspecify.annotations.NullMarked;
