package dev.quorate.jepsen.cluster;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * The servers of a run. What it started it ends: on {@link #close}, and, should that not be reached, when this JVM exits.
 * All verbs do nothing to a server that is already as they would make it. Any thread.
 */
public final class Cluster implements AutoCloseable {

    private final Map<String, ServerProcess> servers = new LinkedHashMap<>();
    private final Path directory;
    private final List<String> unexpectedExits = new ArrayList<>();
    private final Thread onExit = new Thread(this::killAll, "end-servers");

    /** @param directory for the servers' data and logs; must be new, or hold an earlier run's data of the same nodes */
    public Cluster(SystemUnderTest system, List<NodeAddress> nodes, Path directory) {
        this.directory = directory.toAbsolutePath();
        for (NodeAddress node : nodes) {
            Path data = dataDirectory(node);
            servers.put(
                    node.name(),
                    new ServerProcess(
                            node,
                            system.command(node, nodes, data),
                            system.environment(node, data),
                            data.resolveSibling("server.log")));
        }
        Runtime.getRuntime().addShutdownHook(onExit);
    }

    public List<NodeAddress> nodes() {
        return servers.values().stream().map(ServerProcess::address).toList();
    }

    public List<String> names() {
        return List.copyOf(servers.keySet());
    }

    /** How many make a majority. */
    public int majority() {
        return servers.size() / 2 + 1;
    }

    private ServerProcess server(String name) {
        return Objects.requireNonNull(servers.get(name), () -> "no node " + name + " among " + servers.keySet());
    }

    public void start(String name) {
        server(name).start();
    }

    public void startAll() {
        servers.values().forEach(ServerProcess::start);
    }

    /** {@code kill -9}. */
    public void kill(String name) {
        noteUnexpectedExit(server(name));
        server(name).kill();
    }

    public void killAll() {
        servers.values().forEach(ServerProcess::kill);
    }

    public void pause(String name) {
        server(name).pause();
    }

    public void resume(String name) {
        server(name).resume();
    }

    /** Sets a server's time of day off by this much; only with {@link FakeClock}. */
    public void setClock(String name, long offsetSeconds) {
        FakeClock.setOffset(FakeClock.clockFile(dataDirectory(server(name).address())), offsetSeconds);
    }

    private Path dataDirectory(NodeAddress node) {
        return directory.resolve(node.name()).resolve("data");
    }

    /** True if it was started, and neither killed nor paused since. */
    public boolean isRunning(String name) {
        return server(name).isRunning();
    }

    public Path log(String name) {
        return server(name).log();
    }

    /** Everybody runs again, whoever was paused, killed, or ended by itself. */
    public void healAll() {
        for (ServerProcess server : servers.values()) {
            server.resume();
            if (noteUnexpectedExit(server)) {
                server.acceptExit();
            }
            server.start();
        }
    }

    private synchronized boolean noteUnexpectedExit(ServerProcess server) {
        OptionalInt exit = server.unexpectedExit();
        exit.ifPresent(code -> unexpectedExits.add(
                server.address().name() + " ended by itself with exit code " + code + "; see " + server.log()));
        return exit.isPresent();
    }

    /** Servers that ended although nobody killed them; one line each. */
    public synchronized List<String> unexpectedExits() {
        List<String> all = new ArrayList<>(unexpectedExits);
        for (ServerProcess server : servers.values()) {
            OptionalInt exit = server.unexpectedExit();
            exit.ifPresent(code -> all.add(
                    server.address().name() + " ended by itself with exit code " + code + "; see " + server.log()));
        }
        return all;
    }

    /** Deletes what the servers stored, all of which are killed; their logs stay. */
    public void deleteData() throws IOException {
        killAll();
        for (NodeAddress node : nodes()) {
            Trees.delete(dataDirectory(node));
        }
    }

    @Override
    public void close() {
        killAll();
        try {
            Runtime.getRuntime().removeShutdownHook(onExit);
        } catch (IllegalStateException e) {
            // The JVM is exiting: the hook runs, and finds nothing left to end.
            return;
        }
    }
}
