package dev.quorate.conformance;

import dev.quorate.jepsen.cluster.Etcd;
import dev.quorate.jepsen.cluster.FreePorts;
import dev.quorate.jepsen.cluster.NodeAddress;
import dev.quorate.jepsen.cluster.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** Three processes of etcd. */
final class EtcdCluster extends Cluster {

    private final Path directory;
    private final dev.quorate.jepsen.cluster.Cluster nodes;

    EtcdCluster() throws IOException {
        directory = Files.createTempDirectory("conformance-etcd-");
        nodes = new dev.quorate.jepsen.cluster.Cluster(
                new Etcd(OptionalLong.empty()), FreePorts.nodes(NODES), directory);
        nodes.startAll();
        connect();
    }

    @Override
    List<String> endpoints() {
        return nodes.nodes().stream().map(NodeAddress::client).toList();
    }

    @Override
    public void close() {
        super.close();
        nodes.close();
        try {
            Trees.delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
