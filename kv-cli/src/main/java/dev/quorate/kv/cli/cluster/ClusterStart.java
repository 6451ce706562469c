package dev.quorate.kv.cli.cluster;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.backup.BackupFile;
import dev.quorate.kv.cli.CliException;
import dev.quorate.kv.cli.client.CallFailedException;
import dev.quorate.kv.cli.client.Endpoint;
import dev.quorate.kv.cli.client.KvClient;
import dev.quorate.kv.cli.client.StatusAnswer;
import dev.quorate.kv.cli.cluster.ClusterLayout.NodeAddress;
import dev.quorate.kv.server.KvRestore;
import dev.quorate.kv.server.KvServerConfig;
import dev.quorate.kv.server.KvServerException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One start of a cluster. Everything that can be checked is checked before anything is written or started; if a node then
 * fails all the same, what this start has begun is taken back.
 */
final class ClusterStart {

    /** What a server wants to see free before it starts; a cluster that starts just to stop helps nobody. */
    static final long MIN_FREE_BYTES_PER_NODE = 64L << 20;

    private static final Duration PROBE_TIMEOUT = Duration.ofMillis(500);
    private static final int CONNECT_LIMIT_MILLIS = 500;
    private static final int TOKEN_BYTES = 4;

    private final ClusterDirectory directory;
    private final StartRequest request;
    private final boolean madeDirectory;

    ClusterStart(ClusterDirectory directory, StartRequest request, boolean madeDirectory) {
        this.directory = directory;
        this.request = request;
        this.madeDirectory = madeDirectory;
    }

    /** Returns the names of the nodes that were started; none if all of them run already. */
    List<String> run() throws IOException {
        ClusterSettings existing = directory.settingsIfPresent();
        if (existing != null) {
            requireNoRestore();
            requireSame(existing.layout());
            List<NodeAddress> missing = existing.layout().nodes().stream()
                    .filter(node -> directory.node(node.name()).process() == null)
                    .toList();
            ClusterSettings settings = new ClusterSettings(
                    existing.layout(),
                    request.jvmArguments().isEmpty() ? existing.jvmArguments() : request.jvmArguments(),
                    request.serverArguments().isEmpty() ? existing.serverArguments() : request.serverArguments());
            if (!missing.isEmpty()) {
                requireRoom(missing.size());
                requireFreePorts(missing);
                directory.save(settings);
                startMissing(settings, missing);
            }
            return missing.stream().map(NodeAddress::name).toList();
        }
        ClusterSettings settings = newCluster();
        startNew(settings);
        return settings.layout().nodes().stream().map(NodeAddress::name).toList();
    }

    /**
     * Starts one node again. It is left running even if it does not answer in time: it is a member, and the others may need
     * it. A leader is waited for only if a majority runs.
     */
    void again(ClusterSettings settings, NodeAddress node) throws IOException {
        List<Started> started = new ArrayList<>();
        launch(settings, List.of(node), started);
        long running = settings.layout().nodes().stream()
                .filter(member -> directory.node(member.name()).process() != null)
                .count();
        awaitAnswers(
                settings.layout(), started, running > settings.layout().nodes().size() / 2);
    }

    private void startMissing(ClusterSettings settings, List<NodeAddress> nodes) throws IOException {
        List<Started> started = new ArrayList<>();
        try {
            launch(settings, nodes, started);
            awaitAnswers(settings.layout(), started, true);
        } catch (IOException | CliException e) {
            started.forEach(Started::end);
            throw e;
        }
    }

    private void startNew(ClusterSettings settings) throws IOException {
        List<Started> started = new ArrayList<>();
        try {
            directory.save(settings);
            if (settings.layout().hasTls()) {
                directory.tls().create();
            }
            if (request.restore() != null) {
                restore(settings.layout(), request.restore());
            }
            launch(settings, settings.layout().nodes(), started);
            awaitAnswers(settings.layout(), started, true);
        } catch (IOException | CliException e) {
            started.forEach(Started::end);
            directory.delete(settings.layout());
            throw e;
        }
    }

    private void requireNoRestore() {
        if (request.restore() != null) {
            throw CliException.definite(directory.root() + " holds a cluster already, and --restore begins a new one;"
                    + " name another --dir, or destroy this one first with 'kv cluster destroy'");
        }
    }

    private void restore(ClusterLayout layout, Path file) throws IOException {
        BackupFile backup = BackupFile.open(file);
        Map<String, String> members = new LinkedHashMap<>();
        layout.nodes().forEach(node -> members.put(node.name(), node.peer().hostPort()));
        for (NodeAddress node : layout.nodes()) {
            NodeDirectory home = directory.node(node.name());
            Files.createDirectories(home.root());
            KvServerConfig config = KvServerConfig.builder(node.name())
                    .peerAddress(node.peer().hostPort())
                    .initialCluster(members)
                    .clusterToken(layout.token())
                    .dataDirectory(home.data())
                    .build();
            try {
                KvRestore.run(backup, config, 0, read -> {});
            } catch (KvServerException e) {
                throw CliException.definite(node.name() + ": " + e.getMessage());
            }
        }
    }

    private ClusterSettings newCluster() throws IOException {
        try {
            ClusterLayout layout = ClusterLayout.plan(
                    request.token() != null ? request.token() : newToken(),
                    request.nodes() != null ? request.nodes() : ClusterLayout.DEFAULT_NODES,
                    request.basePort());
            requireRoom(layout.nodes().size());
            requireFreePorts(layout.nodes());
            return new ClusterSettings(
                    request.tls() ? layout.withTls() : layout, request.jvmArguments(), request.serverArguments());
        } catch (IOException | CliException e) {
            if (madeDirectory) {
                directory.removeIfUnused();
            }
            throw e;
        }
    }

    private void requireSame(ClusterLayout existing) {
        int nodes = request.nodes() != null ? request.nodes() : existing.nodes().size();
        if (request.token() != null && !request.token().equals(existing.token())) {
            throw CliException.definite(directory.root() + " holds the cluster '" + existing.token() + "', not '"
                    + request.token() + "'; leave out --cluster-token, or name another --dir");
        }
        if (request.tls() && !existing.hasTls()) {
            throw CliException.definite(directory.root() + " holds a cluster without TLS, and --tls is for a new one;"
                    + " name another --dir, or destroy this one first with 'kv cluster destroy'");
        }
        boolean sameShape = nodes == existing.nodes().size()
                && (request.basePort() == null
                        || ClusterLayout.plan(existing.token(), nodes, request.basePort())
                                .sameAddresses(existing));
        if (!sameShape) {
            throw CliException.definite(directory.root() + " holds a cluster of "
                    + existing.nodes().size() + " at "
                    + existing.nodes().get(0).client().hostPort()
                    + ",… already; start it without --nodes and --base-port, or name another --dir");
        }
    }

    private void requireRoom(int nodes) throws IOException {
        long free = Files.getFileStore(directory.root()).getUsableSpace();
        long needed = nodes * MIN_FREE_BYTES_PER_NODE;
        if (free < needed) {
            throw CliException.definite("only " + (free >> 20) + " MiB are free on the disk of " + directory.root()
                    + ", and " + nodes + " servers need " + (needed >> 20)
                    + " MiB to start; make room or name another --dir");
        }
    }

    private static void requireFreePorts(List<NodeAddress> nodes) {
        for (NodeAddress node : nodes) {
            requireFree(node, node.client());
            requireFree(node, node.peer());
        }
    }

    private static void requireFree(NodeAddress node, Endpoint address) {
        try (ServerSocket socket = new ServerSocket()) {
            // As the server does: a port in TIME_WAIT after a stop is free.
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(address.host(), address.port()));
        } catch (IOException e) {
            throw CliException.definite("port " + address.port() + " (" + node.name() + ") is taken: "
                    + Failures.reason(e) + "; choose other ports with --base-port");
        }
    }

    private void launch(ClusterSettings settings, List<NodeAddress> nodes, List<Started> started) throws IOException {
        Launcher launcher = new Launcher(ServerJvm.ofThisProcess(), directory.tls());
        for (NodeAddress node : nodes) {
            NodeDirectory home = directory.node(node.name());
            long logOffset = home.logSize();
            started.add(new Started(node, home, launcher.start(settings, node, home), logOffset));
        }
    }

    /** Until every started node answers and, where a leader can be had, knows it and a linearizable read works. */
    private void awaitAnswers(ClusterLayout layout, List<Started> started, boolean withLeader) {
        List<Endpoint> endpoints = started.stream().map(s -> s.node().client()).toList();
        try (KvClient nodes = new KvClient(endpoints, PROBE_TIMEOUT, null, directory.clientTls());
                KvClient cluster = new KvClient(layout.clientEndpoints(), PROBE_TIMEOUT, null, directory.clientTls())) {
            boolean ready = Waiting.until(
                    () -> {
                        started.forEach(Started::requireAlive);
                        // A look at the ports costs far less than a call, and the servers need the CPU to start.
                        return started.stream().allMatch(Started::listens)
                                && allAnswer(nodes, withLeader)
                                && (!withLeader || canRead(cluster));
                    },
                    request.limit());
            if (!ready) {
                throw CliException.definite(
                        "the cluster did not answer within " + request.limit().toSeconds() + " s; see "
                                + started.get(0).home().log());
            }
        }
    }

    private static boolean allAnswer(KvClient nodes, boolean withLeader) {
        for (StatusAnswer answer : nodes.statusOfAll()) {
            if (answer.status() == null || (withLeader && answer.status().leaderId() == 0)) {
                return false;
            }
        }
        return true;
    }

    private static boolean canRead(KvClient cluster) {
        try {
            cluster.range(RangeRequest.newBuilder()
                    .setKey(ByteString.copyFromUtf8("kv-cluster-start"))
                    .setCountOnly(true)
                    .build());
            return true;
        } catch (CallFailedException e) {
            return false;
        }
    }

    private static String newToken() {
        byte[] random = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(random);
        return "quorate-" + HexFormat.of().formatHex(random);
    }

    private record Started(NodeAddress node, NodeDirectory home, NodeProcess process, long logOffset) {

        void requireAlive() {
            if (!process.isAlive()) {
                throw CliException.definite(node.name() + " did not start: " + home.lastWords(logOffset));
            }
        }

        boolean listens() {
            try (Socket socket = new Socket()) {
                socket.connect(
                        new InetSocketAddress(
                                node.client().host(), node.client().port()),
                        CONNECT_LIMIT_MILLIS);
                return true;
            } catch (IOException e) {
                return false;
            }
        }

        void end() {
            process.kill();
            process.awaitEnd(ClusterManager.STOP_LIMIT);
        }
    }
}
