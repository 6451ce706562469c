package dev.quorate.kv.cli.bench;

import dev.quorate.kv.cli.CliException;
import dev.quorate.kv.cli.client.Endpoint;
import dev.quorate.kv.cli.client.KvClient;
import dev.quorate.kv.cli.client.ServerStatus;
import dev.quorate.kv.cli.client.Servers;
import dev.quorate.kv.cli.client.StatusAnswer;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Which servers a load goes to: the leader alone, found anew when requests fail, or all endpoints in turn. The event loops
 * read; {@link #refresh} is for the one thread that watches the run.
 */
final class Targets {

    private static final Duration STATUS_TIMEOUT = Duration.ofSeconds(2);

    private final Wires wires;
    private final Servers servers;
    private final int connections;
    private final boolean leaderOnly;
    private final Map<Endpoint, List<ManagedChannel>> connected = new HashMap<>();
    private final AtomicBoolean failing = new AtomicBoolean();
    private volatile List<ManagedChannel> channels = List.of();
    private volatile @Nullable Endpoint leader;
    private String failure = "";

    /**
     * @param connections in all, shared by the clients
     */
    Targets(Wires wires, Servers servers, int connections, boolean leaderOnly) {
        this.wires = wires;
        this.servers = servers;
        this.connections = connections;
        this.leaderOnly = leaderOnly;
    }

    /** The leader as of the last look, null if it is not known. */
    @Nullable
    Endpoint leader() {
        return leader;
    }

    /** Why {@link #find} has found nobody, in one line, with what to do. */
    CliException nobodyLeads() {
        return CliException.definite("no endpoint leads; see 'kv status'" + (failure.isEmpty() ? "" : ". " + failure));
    }

    /** Looks who leads. True if there is somebody to send requests to. */
    boolean find() {
        leader = findLeader();
        if (leaderOnly) {
            if (leader == null) {
                return false;
            }
            channels = connected.computeIfAbsent(leader, endpoint -> wires.connect(endpoint, connections));
        } else if (channels.isEmpty()) {
            List<ManagedChannel> all = new ArrayList<>();
            for (int i = 0; i < connections; i++) {
                all.addAll(wires.connect(
                        servers.endpoints().get(i % servers.endpoints().size()), 1));
            }
            channels = List.copyOf(all);
        }
        return true;
    }

    /** Looks again if requests have failed since the last look. */
    void refresh() {
        if (failing.getAndSet(false)) {
            channels.forEach(ManagedChannel::resetConnectBackoff);
            find();
        }
    }

    /** The way of one client. */
    Route route(int client) {
        return new Route() {
            @Override
            public Channel channel() {
                List<ManagedChannel> now = channels;
                return now.get(client % now.size());
            }

            @Override
            public void failed() {
                failing.set(true);
            }

            @Override
            public void later(Runnable task, long millis) {
                wires.later(task, millis);
            }
        };
    }

    private @Nullable Endpoint findLeader() {
        failure = "";
        try (KvClient client = servers.connect(STATUS_TIMEOUT)) {
            for (StatusAnswer answer : client.statusOfAll()) {
                if (answer.status() != null && answer.status().role() == ServerStatus.Role.leader) {
                    return answer.endpoint();
                }
                failure = answer.error();
            }
            return null;
        }
    }
}
