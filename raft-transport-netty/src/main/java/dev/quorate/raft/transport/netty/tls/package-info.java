/**
 * TLS from PEM files that may change while the process runs: {@link dev.quorate.raft.transport.netty.tls.TlsOptions} names them,
 * {@link dev.quorate.raft.transport.netty.tls.ReloadingTls} reads them, and again when they have changed.
 */
@NullMarked
package dev.quorate.raft.transport.netty.tls;

import org.jspecify.annotations.NullMarked;
