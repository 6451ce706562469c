package dev.quorate.kv.cli.cluster;

import dev.quorate.kv.cli.CliException;
import dev.quorate.kv.cli.client.Endpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The shape of a cluster on this machine: who listens where. It is fixed when the cluster is made.
 *
 * @param token what the members of this cluster, and of no other, have in common
 */
public record ClusterLayout(String token, List<NodeAddress> nodes) {

    /** One member. */
    public record NodeAddress(String name, Endpoint client, Endpoint peer) {}

    public static final int DEFAULT_NODES = 3;

    /** Members of one group on one machine: more than seven only makes each write wait for more disks. */
    public static final int MAX_NODES = 7;

    static final String LOOPBACK = "127.0.0.1";
    private static final int ETCD_CLIENT_PORT = 2379;
    private static final int DEFAULT_SPACING = 10_000;
    private static final int FIRST_SPACED_PORT = 22_379;
    private static final int BASE_PORT_SPACING = 10;
    private static final int MAX_PORT = 65_535;

    public ClusterLayout {
        nodes = List.copyOf(nodes);
    }

    /** Three nodes on the ports that {@code kv cluster start} takes if nothing is said; the token is not known from outside. */
    public static ClusterLayout defaults() {
        return plan("", DEFAULT_NODES, null);
    }

    /**
     * @param basePort null for the default ports: n1 2379 and 2380, n2 22379 and 22380, n3 32379 and 32380; else n1 has P and
     *     P+1, n2 P+10 and P+11, and so on
     * @throws CliException (usage) if the number is not 1, 3, 5 or 7, or a port would be above 65,535
     */
    public static ClusterLayout plan(String token, int count, @Nullable Integer basePort) {
        if (count < 1 || count > MAX_NODES || count % 2 == 0) {
            throw CliException.usage("--nodes " + count
                    + ": choose 1, 3, 5 or 7; an even number tolerates no more failures than one less");
        }
        List<NodeAddress> nodes = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int port = basePort == null ? defaultPort(i) : basePort + i * BASE_PORT_SPACING;
            if (port < 1 || port >= MAX_PORT) {
                throw CliException.usage("node " + (i + 1) + " of " + count + " would get port " + port
                        + "; ports end at " + MAX_PORT + ": choose --base-port lower");
            }
            nodes.add(new NodeAddress("n" + (i + 1), new Endpoint(LOOPBACK, port), new Endpoint(LOOPBACK, port + 1)));
        }
        return new ClusterLayout(token, nodes);
    }

    private static int defaultPort(int i) {
        return i == 0 ? ETCD_CLIENT_PORT : FIRST_SPACED_PORT + (i - 1) * DEFAULT_SPACING;
    }

    public List<Endpoint> clientEndpoints() {
        return nodes.stream().map(NodeAddress::client).toList();
    }

    /** As {@code kv server --initial-cluster} takes it. */
    public String initialCluster() {
        return String.join(
                ",", nodes.stream().map(node -> node.name() + "=" + node.peer()).toList());
    }

    /**
     * @throws CliException (usage) if no node has this name
     */
    public NodeAddress node(String name) {
        return nodes.stream()
                .filter(node -> node.name().equals(name))
                .findFirst()
                .orElseThrow(() -> CliException.usage("no node is called '" + name + "'; this cluster has "
                        + String.join(
                                ", ", nodes.stream().map(NodeAddress::name).toList())));
    }

    /** The same, with clients that speak TLS. */
    ClusterLayout withTls() {
        return new ClusterLayout(
                token,
                nodes.stream()
                        .map(node -> new NodeAddress(node.name(), node.client().withTls(), node.peer()))
                        .toList());
    }

    /** Whether its clients speak TLS. */
    boolean hasTls() {
        return nodes.stream().anyMatch(node -> node.client().tls());
    }

    boolean sameAddresses(ClusterLayout other) {
        return addresses().equals(other.addresses());
    }

    private List<String> addresses() {
        return nodes.stream()
                .map(node -> node.name() + " " + node.client().hostPort() + " "
                        + node.peer().hostPort())
                .toList();
    }

    void writeTo(Properties properties) {
        properties.setProperty("token", token);
        properties.setProperty(
                "nodes", String.join(",", nodes.stream().map(NodeAddress::name).toList()));
        for (NodeAddress node : nodes) {
            properties.setProperty(node.name() + ".client", node.client().toString());
            properties.setProperty(node.name() + ".peer", node.peer().toString());
        }
    }

    /**
     * @throws CliException (usage) if something is missing or malformed
     */
    static ClusterLayout readFrom(Properties properties) {
        List<NodeAddress> nodes = new ArrayList<>();
        for (String name : required(properties, "nodes").split(",", -1)) {
            nodes.add(new NodeAddress(
                    name,
                    Endpoint.parse(required(properties, name + ".client")),
                    Endpoint.parse(required(properties, name + ".peer"))));
        }
        return new ClusterLayout(required(properties, "token"), nodes);
    }

    private static String required(Properties properties, String key) {
        String value = properties.getProperty(key);
        if (value == null || value.isBlank()) {
            throw CliException.usage("'" + key + "' is missing");
        }
        return value;
    }
}
