package dev.quorate.kv.server;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;

/** Servers in this process, on free ports, that can be stopped and started again. */
final class TestCluster implements AutoCloseable {

    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private final Path root;
    private final Map<String, String> peers = new TreeMap<>();
    private final Map<String, KvServer> servers = new TreeMap<>();
    private final Map<String, TestClient> clients = new TreeMap<>();
    private final long snapshotEveryEntries;
    private UnaryOperator<KvServerConfig.Builder> change = UnaryOperator.identity();

    TestCluster(Path root, int size, long snapshotEveryEntries) throws IOException {
        this.root = root;
        this.snapshotEveryEntries = snapshotEveryEntries;
        List<ServerSocket> held = new ArrayList<>();
        for (int i = 1; i <= size; i++) {
            ServerSocket socket = new ServerSocket();
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            held.add(socket);
            peers.put("n" + i, "127.0.0.1:" + socket.getLocalPort());
        }
        for (ServerSocket socket : held) {
            socket.close();
        }
    }

    /** Servers that start from now on differ in this from the others. */
    TestCluster with(UnaryOperator<KvServerConfig.Builder> other) {
        change = other;
        return this;
    }

    KvServerConfig.Builder config(String name) {
        String peer = peers.get(name);
        if (peer == null) {
            throw new IllegalArgumentException("no member " + name);
        }
        return KvServerConfig.builder(name)
                .clientAddress("127.0.0.1:0")
                .peerAddress(peer)
                .initialCluster(peers)
                .dataDirectory(root.resolve(name))
                .electionTimeout(Duration.ofMillis(1_000))
                .heartbeatInterval(Duration.ofMillis(100))
                .snapshotEveryEntries(snapshotEveryEntries);
    }

    TestCluster startAll() throws KvServerException {
        for (String name : peers.keySet()) {
            start(name);
        }
        return this;
    }

    KvServer start(String name) throws KvServerException {
        KvServer server = KvServer.start(change.apply(config(name)).build());
        servers.put(name, server);
        clients.put(name, new TestClient(server.clientPort()));
        return server;
    }

    void stop(String name) {
        TestClient client = clients.remove(name);
        if (client != null) {
            client.close();
        }
        KvServer server = servers.remove(name);
        if (server != null) {
            server.close();
        }
    }

    List<String> names() {
        return List.copyOf(peers.keySet());
    }

    KvServer server(String name) {
        KvServer server = servers.get(name);
        if (server == null) {
            throw new IllegalArgumentException(name + " does not run");
        }
        return server;
    }

    TestClient client(String name) {
        TestClient client = clients.get(name);
        if (client == null) {
            throw new IllegalArgumentException(name + " does not run");
        }
        return client;
    }

    /** Waits until all running servers know the same leader, and names it. */
    String leader() {
        String[] found = {""};
        await("a leader that all know", () -> {
            List<String> leaders = servers.values().stream()
                    .map(server -> String.valueOf(server.status().leader()))
                    .distinct()
                    .toList();
            found[0] = leaders.get(0);
            return leaders.size() == 1 && servers.containsKey(leaders.get(0));
        });
        return found[0];
    }

    String aFollower() {
        String leader = leader();
        return servers.keySet().stream()
                .filter(name -> !name.equals(leader))
                .findFirst()
                .orElseThrow();
    }

    /** Waits until a condition holds; one that throws does not hold yet. */
    static void await(String what, Callable<Boolean> condition) {
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        Exception last = null;
        while (System.nanoTime() < deadline) {
            try {
                if (condition.call()) {
                    return;
                }
            } catch (Exception e) {
                last = e;
            }
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
        fail("there was not within " + DEADLINE.toSeconds() + " s: " + what, last);
    }

    @Override
    public void close() {
        names().forEach(this::stop);
    }
}
