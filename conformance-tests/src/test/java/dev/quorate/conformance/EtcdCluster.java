package dev.quorate.conformance;

import dev.quorate.jepsen.cluster.Etcd;
import dev.quorate.jepsen.cluster.FreePorts;
import dev.quorate.jepsen.cluster.NodeAddress;
import dev.quorate.jepsen.cluster.SystemUnderTest;
import dev.quorate.jepsen.cluster.Trees;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Three processes of etcd. */
final class EtcdCluster extends Cluster {

    private final Path directory;
    private final dev.quorate.jepsen.cluster.Cluster nodes;

    private final @Nullable Security security;

    EtcdCluster(@Nullable Security security) throws IOException {
        this.security = security;
        directory = Files.createTempDirectory("conformance-etcd-");
        nodes = new dev.quorate.jepsen.cluster.Cluster(
                security == null ? new Etcd(OptionalLong.empty()) : new SecuredEtcd(security),
                FreePorts.nodes(NODES),
                directory);
        nodes.startAll();
        connect();
    }

    /** The same etcd, with TLS and signed tokens. */
    private record SecuredEtcd(Security security) implements SystemUnderTest {

        @Override
        public String name() {
            return "etcd";
        }

        @Override
        public List<String> command(NodeAddress self, List<NodeAddress> members, Path dataDirectory) {
            return Stream.concat(
                            new Etcd(OptionalLong.empty())
                                    .command(self, members, dataDirectory).stream()
                                            .map(flag -> flag.replace("http://", "https://")),
                            security.etcdFlags().stream())
                    .toList();
        }
    }

    @Override
    ManagedChannel dial(String endpoint) throws IOException {
        return security == null ? super.dial(endpoint) : dial(endpoint, security, "root");
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
