package dev.quorate.kv.rpc;

import dev.quorate.raft.transport.netty.tls.ReloadingTls;

/**
 * TLS at the client port.
 *
 * @param isUserByCertificate whether the common name of a client's certificate says who it is, where it shows no token
 */
public record ClientTls(ReloadingTls files, boolean isUserByCertificate) {}
