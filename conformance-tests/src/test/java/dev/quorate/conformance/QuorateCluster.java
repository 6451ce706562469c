package dev.quorate.conformance;

import dev.quorate.kv.embedded.EmbeddedCluster;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Three nodes of ours, in this JVM. */
class QuorateCluster extends Cluster {

    private final EmbeddedCluster nodes;
    private final @Nullable Security security;

    QuorateCluster() throws IOException {
        this(null);
    }

    QuorateCluster(@Nullable Security security) throws IOException {
        this.security = security;
        this.nodes = EmbeddedCluster.builder()
                .nodes(NODES)
                .configure(config -> security == null
                        ? config
                        : config.clientTls(security.server())
                                .peerTls(security.server())
                                .authTokens(security.tokens()))
                .start();
        connect();
    }

    @Override
    ManagedChannel dial(String endpoint) throws IOException {
        return security == null ? super.dial(endpoint) : dial(endpoint, security, "root");
    }

    @Override
    final List<String> endpoints() {
        return nodes.clientUris().stream().map(URI::getAuthority).toList();
    }

    @Override
    public void close() {
        super.close();
        nodes.close();
    }
}
