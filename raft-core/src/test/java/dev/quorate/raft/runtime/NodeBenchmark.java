package dev.quorate.raft.runtime;

import dev.quorate.raft.RaftConfig;
import dev.quorate.raft.RaftRole;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.NodeId;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * What the runtime and the core cost without disk, network and state machine: three nodes in this process, in-memory SPIs,
 * closed-loop clients whose next request starts in the callback of the last one.
 *
 * <p>Run as a main: {@code NodeBenchmark [clients] [seconds] [put|read|follower|idle]}. Prints operations per second and the CPU
 * time of the whole process per operation, clients included.
 */
public final class NodeBenchmark {

    private static final int COMMAND_BYTES = 256;
    private static final int WARM_UP_SECONDS = 5;

    private NodeBenchmark() {}

    /** Counts, and nothing else. */
    private static final class Counter extends InMemoryStateMachine<Long> {
        private long count;

        @Override
        protected Long apply(byte[] command) {
            return ++count;
        }

        @Override
        protected void save(OutputStream out) throws IOException {
            out.write(ByteBuffer.allocate(Long.BYTES).putLong(count).array());
        }

        @Override
        protected void load(InputStream in) throws IOException {
            count = ByteBuffer.wrap(in.readNBytes(Long.BYTES)).getLong();
        }
    }

    public static void main(String[] args) throws Exception {
        int clients = args.length > 0 ? Integer.parseInt(args[0]) : 256;
        int seconds = args.length > 1 ? Integer.parseInt(args[1]) : 10;
        String kind = args.length > 2 ? args[2] : "put";
        Path directory = Files.createTempDirectory("quorate-bench");
        List<RaftNode<Long>> nodes = new ArrayList<>();
        try {
            startThree(nodes, directory);
            if (kind.equals("idle")) {
                System.out.println("idle: " + idle(nodes, seconds));
                return;
            }
            run(nodes, clients, WARM_UP_SECONDS, kind);
            System.out.println(kind + ", " + clients + " clients: " + run(nodes, clients, seconds, kind));
        } finally {
            nodes.forEach(RaftNode::close);
            DurableFiles.deleteTree(directory);
        }
    }

    private static void startThree(List<RaftNode<Long>> nodes, Path directory) throws Exception {
        InMemoryNetwork network = new InMemoryNetwork();
        List<NodeId> ids = List.of(NodeId.of("n1"), NodeId.of("n2"), NodeId.of("n3"));
        for (NodeId id : ids) {
            RaftConfig config = RaftConfig.builder(id, id.hashCode())
                    .trailingEntries(50_000)
                    .build();
            RaftNode.Options options = RaftNode.Options.of(config, Membership.of(ids), directory.resolve(id.value()));
            nodes.add(RaftNode.start(options, new InMemoryLog(), network.transport(id), new Counter()));
        }
    }

    private static RaftNode<Long> member(List<RaftNode<Long>> nodes, boolean leading) {
        return Await.untilPresent(
                "a leader",
                () -> nodes.stream()
                        .filter(node -> leading
                                ? node.status().role() == RaftRole.LEADER
                                : node.status().role() == RaftRole.FOLLOWER
                                        && node.status().leader() != null)
                        .findFirst());
    }

    private static String idle(List<RaftNode<Long>> nodes, int seconds) {
        RaftNode<Long> leader = member(nodes, true);
        long cpuBefore = cpuNanos();
        long begin = System.nanoTime();
        LockSupport.parkNanos(Duration.ofSeconds(seconds).toNanos());
        return String.format(
                "%.2f %% of a core for three nodes, term %d",
                (cpuNanos() - cpuBefore) * 100.0 / (System.nanoTime() - begin),
                leader.status().term());
    }

    private static String run(List<RaftNode<Long>> nodes, int clients, int seconds, String kind) {
        RaftNode<Long> target = member(nodes, !kind.equals("follower"));
        LongAdder done = new LongAdder();
        LongAdder failed = new LongAdder();
        AtomicLong endNanos =
                new AtomicLong(System.nanoTime() + Duration.ofSeconds(seconds).toNanos());
        long cpuBefore = cpuNanos();
        long begin = System.nanoTime();
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            CompletableFuture<Void> ended = new CompletableFuture<>();
            all.add(ended);
            next(target, kind.equals("read"), done, failed, endNanos, ended);
        }
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).join();
        double elapsed = (System.nanoTime() - begin) / 1e9;
        long operations = done.sum();
        return String.format(
                "%,.0f/s, %.2f us of CPU each, %.2f cores busy, %d failed",
                operations / elapsed,
                (cpuNanos() - cpuBefore) / 1e3 / operations,
                (cpuNanos() - cpuBefore) / 1e9 / elapsed,
                failed.sum());
    }

    private static void next(
            RaftNode<Long> node,
            boolean read,
            LongAdder done,
            LongAdder failed,
            AtomicLong endNanos,
            CompletableFuture<Void> ended) {
        CompletableFuture<Long> answer = read ? node.readIndex() : node.propose(new byte[COMMAND_BYTES]);
        var unused = answer.whenComplete((value, failure) -> {
            (failure == null ? done : failed).increment();
            if (System.nanoTime() - endNanos.get() < 0) {
                next(node, read, done, failed, endNanos, ended);
            } else {
                ended.complete(null);
            }
        });
    }

    private static long cpuNanos() {
        return ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .orElse(Duration.ZERO)
                .toNanos();
    }
}
