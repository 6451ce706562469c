package dev.quorate.kv.server;

import dev.quorate.kv.rpc.ClientTls;
import dev.quorate.kv.server.KvServerException.Reason;
import dev.quorate.raft.transport.netty.tls.ReloadingTls;
import dev.quorate.raft.transport.netty.tls.TlsOptions;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Reads what a server's TLS is made of, and explains what cannot be used. */
final class TlsFiles {

    /**
     * The first that a client offers is taken. Only gRPC is served over HTTP/2, and its clients offer nothing else; whoever
     * offers both, such as curl and Prometheus, wants pages.
     */
    private static final String[] OF_CLIENTS = {"http/1.1", "h2"};

    private TlsFiles() {}

    /** Null for a client port without TLS. */
    static @Nullable ClientTls forClients(KvServerConfig config) throws KvServerException {
        TlsOptions tls = config.clientTls();
        return tls == null ? null : new ClientTls(load("clients", tls, OF_CLIENTS), tls.clientCertAuth());
    }

    /** For a client of the other members. */
    static SslContext toDialMembers(TlsOptions tls) throws KvServerException {
        return load("the client ports of other members", tls, "h2").client();
    }

    /** The transport reads them again; this is to know before anything is begun. */
    static void requireUsableByPeers(KvServerConfig config) throws KvServerException {
        TlsOptions tls = config.peerTls();
        if (tls != null) {
            load("peers", tls);
        }
    }

    private static ReloadingTls load(String forWhom, TlsOptions tls, String... protocols) throws KvServerException {
        try {
            return ReloadingTls.load(tls, protocols);
        } catch (IOException e) {
            throw new KvServerException(
                    Reason.TLS_UNUSABLE, "TLS for " + forWhom + " cannot be set up: " + e.getMessage(), e);
        }
    }
}
