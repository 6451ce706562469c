package dev.quorate.jepsen.client;

import dev.quorate.jepsen.cluster.NodeAddress;
import dev.quorate.kv.api.StatusResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One {@link NodeClient} for each node. Any thread. */
public final class ClusterClient implements AutoCloseable {

    private final Map<String, NodeClient> clients = new LinkedHashMap<>();

    /** For the parameters see {@link NodeClient}. */
    public ClusterClient(List<NodeAddress> nodes, RunClock clock, Duration timeout, boolean serializableReads) {
        nodes.forEach(node -> clients.put(node.name(), new NodeClient(node, clock, timeout, serializableReads)));
    }

    public List<NodeClient> all() {
        return List.copyOf(clients.values());
    }

    public NodeClient of(String node) {
        return Objects.requireNonNull(clients.get(node), () -> "no node " + node + " among " + clients.keySet());
    }

    /** Who says of itself that it leads, in the newest term if there are several; null if nobody does just now. */
    public @Nullable String leader() {
        String leader = null;
        long term = -1;
        for (NodeClient client : clients.values()) {
            StatusResponse status = client.status();
            if (status != null
                    && status.getLeader() != 0
                    && status.getLeader() == status.getHeader().getMemberId()
                    && status.getRaftTerm() > term) {
                leader = client.node().name();
                term = status.getRaftTerm();
            }
        }
        return leader;
    }

    @Override
    public void close() {
        clients.values().forEach(NodeClient::close);
    }
}
