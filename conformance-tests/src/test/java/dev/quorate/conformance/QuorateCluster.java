package dev.quorate.conformance;

import dev.quorate.kv.embedded.EmbeddedCluster;
import java.net.URI;
import java.util.List;

/** Three nodes of ours, in this JVM. */
class QuorateCluster extends Cluster {

    private final EmbeddedCluster nodes = EmbeddedCluster.start(NODES);

    QuorateCluster() {
        connect();
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
