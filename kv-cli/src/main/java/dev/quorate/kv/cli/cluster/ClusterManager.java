package dev.quorate.kv.cli.cluster;

import dev.quorate.kv.cli.CliException;
import dev.quorate.kv.cli.client.KvClient;
import dev.quorate.kv.cli.client.StatusAnswer;
import dev.quorate.kv.cli.cluster.ClusterLayout.NodeAddress;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Operates the cluster of one directory: processes, not data. It ends only processes that it started. Each method either does
 * what it says or throws a {@link CliException} whose message is one line.
 */
public final class ClusterManager {

    /** For an orderly stop: the node hands over its leadership, if it can, and closes its files. */
    public static final Duration STOP_LIMIT = Duration.ofSeconds(15);

    private static final Duration KILL_LIMIT = Duration.ofSeconds(10);
    private static final Duration STATUS_TIMEOUT = Duration.ofSeconds(1);

    private final ClusterDirectory directory;

    public ClusterManager(ClusterDirectory directory) {
        this.directory = directory;
    }

    public ClusterDirectory directory() {
        return directory;
    }

    /**
     * @throws CliException (definite) if there is no cluster in the directory
     */
    public ClusterLayout layout() {
        return directory.settings().layout();
    }

    /** Starts what does not run yet; returns the names of the nodes that it started. */
    public List<String> start(StartRequest request) {
        return locked(lock -> new ClusterStart(directory, request, lock.madeDirectory()).run());
    }

    /** How each node is, in order. */
    public List<NodeView> status() {
        ClusterLayout layout = directory.settings().layout();
        List<StatusAnswer> answers;
        try (KvClient client = new KvClient(layout.clientEndpoints(), STATUS_TIMEOUT, null, directory.clientTls())) {
            answers = client.statusOfAll();
        }
        List<NodeView> views = new ArrayList<>();
        for (int i = 0; i < answers.size(); i++) {
            NodeAddress node = layout.nodes().get(i);
            NodeProcess process = directory.node(node.name()).process();
            views.add(new NodeView(node, process == null ? null : process.pid(), answers.get(i)));
        }
        return views;
    }

    /**
     * Stops every node that runs, in good order; returns how each one ended. A node that does not end within {@link
     * #STOP_LIMIT} is killed: that loses nothing, what it acknowledged is on its disk.
     */
    public List<String> stop() {
        return locked(lock -> stopAll(directory.settings().layout()));
    }

    /** SIGKILL, as a power failure would end the process. */
    public long kill(String name) {
        return locked(lock -> {
            NodeAddress node = directory.settings().layout().node(name);
            NodeProcess process = directory.node(node.name()).process();
            if (process == null) {
                throw CliException.definite(name + " does not run; 'kv cluster status' tells what does");
            }
            process.kill();
            if (!process.awaitEnd(KILL_LIMIT)) {
                throw CliException.definite("process " + process.pid() + " of " + name + " does not end, even killed");
            }
            return process.pid();
        });
    }

    /** Stops the named nodes if they run, and starts them again, one after the other. */
    public void restart(List<String> names, Duration wait) {
        locked(lock -> {
            ClusterSettings settings = directory.settings();
            List<NodeAddress> nodes =
                    names.stream().map(settings.layout()::node).toList();
            for (NodeAddress node : nodes) {
                stopOne(node);
                StartRequest request = new StartRequest(null, null, null, List.of(), List.of(), null, false, wait);
                new ClusterStart(directory, request, false).again(settings, node);
            }
            return names;
        });
    }

    /** Stops every node and removes all that the cluster left on this machine. */
    public void destroy() {
        locked(lock -> {
            ClusterLayout layout = directory.settings().layout();
            stopAll(layout);
            directory.delete(layout);
            return layout;
        });
    }

    private List<String> stopAll(ClusterLayout layout) {
        List<NodeProcess> running = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (NodeAddress node : layout.nodes()) {
            NodeProcess process = directory.node(node.name()).process();
            if (process != null) {
                process.terminate();
                running.add(process);
                names.add(node.name());
            }
        }
        List<String> report = new ArrayList<>();
        long deadline = System.nanoTime() + STOP_LIMIT.toNanos();
        for (int i = 0; i < running.size(); i++) {
            Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
            report.add(names.get(i) + end(running.get(i), left));
        }
        return report;
    }

    private void stopOne(NodeAddress node) {
        NodeProcess process = directory.node(node.name()).process();
        if (process != null) {
            process.terminate();
            end(process, STOP_LIMIT);
        }
    }

    private static String end(NodeProcess process, Duration limit) {
        if (process.awaitEnd(limit)) {
            return " stopped";
        }
        process.kill();
        if (!process.awaitEnd(KILL_LIMIT)) {
            throw CliException.definite("process " + process.pid() + " does not end, even killed");
        }
        return " did not stop within " + STOP_LIMIT.toSeconds() + " s and was killed";
    }

    private interface Work<T> {
        T run(ClusterDirectory.Lock lock) throws IOException;
    }

    private <T> T locked(Work<T> work) {
        try (ClusterDirectory.Lock lock = directory.lock()) {
            return work.run(lock);
        } catch (IOException e) {
            throw CliException.definite(Failures.reason(e));
        }
    }
}
