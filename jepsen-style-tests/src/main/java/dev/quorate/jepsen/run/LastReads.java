package dev.quorate.jepsen.run;

import com.google.protobuf.ByteString;
import dev.quorate.jepsen.client.ClusterClient;
import dev.quorate.jepsen.client.NodeClient;
import dev.quorate.jepsen.client.RunClock;
import dev.quorate.jepsen.cluster.Cluster;
import dev.quorate.jepsen.history.Operation;
import dev.quorate.jepsen.history.Outcome;
import dev.quorate.jepsen.history.Seen;
import dev.quorate.jepsen.history.Step;
import dev.quorate.jepsen.workload.Workload;
import dev.quorate.kv.api.HashKVResponse;
import dev.quorate.kv.api.KeyValue;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.RangeResponse;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * What the servers hold when all is over: read from every node, linearizably for the history, and each node's own copy at
 * one revision, which must be the same everywhere.
 */
final class LastReads {

    private static final long RETRY_NANOS = 50_000_000;

    private final Cluster cluster;
    private final ClusterClient client;
    private final RunClock clock;
    private final long timeoutNanos;

    /** @param timeoutNanos how long a node may take to answer */
    LastReads(Cluster cluster, ClusterClient client, RunClock clock, long timeoutNanos) {
        this.cluster = cluster;
        this.client = client;
        this.clock = clock;
        this.timeoutNanos = timeoutNanos;
    }

    /** Waits until every node answers a linearizable read; returns a line for each that does not. */
    List<String> awaitAll() {
        List<String> problems = new ArrayList<>();
        long deadlineNanos = clock.nowNanos() + timeoutNanos;
        for (NodeClient node : client.all()) {
            try {
                retry(node, everything().setLimit(1).build(), deadlineNanos);
            } catch (StatusRuntimeException e) {
                problems.add(node.node().name() + " does not answer a read after " + timeoutNanos / 1_000_000 + " ms: "
                        + describe(e) + "; see " + cluster.log(node.node().name()));
            }
        }
        return problems;
    }

    /**
     * Reads all keys from all nodes, and adds what they show to the history; returns a line for each node that does not
     * answer, or holds something else than the first one.
     */
    List<String> readAll(List<String> keys, int firstProcess, Recorder recorder) {
        List<String> problems = new ArrayList<>();
        long revision = 0;
        int process = firstProcess;
        for (NodeClient node : client.all()) {
            long invokeNanos = clock.nowNanos();
            try {
                RangeResponse answer = retry(node, everything().build(), clock.nowNanos() + timeoutNanos);
                revision = Math.max(revision, answer.getHeader().getRevision());
                recorder.add(new Operation(
                        process++,
                        node.node().name(),
                        invokeNanos,
                        clock.nowNanos(),
                        Outcome.OK,
                        answer.getHeader().getRevision(),
                        steps(keys, answer),
                        null));
            } catch (StatusRuntimeException e) {
                problems.add(node.node().name() + " does not answer the last read: " + describe(e));
            }
        }
        if (problems.isEmpty()) {
            compareCopies(revision, problems);
        }
        return problems;
    }

    private static List<Step> steps(List<String> keys, RangeResponse answer) {
        Map<String, Seen> pairs = new HashMap<>();
        for (KeyValue pair : answer.getKvsList()) {
            pairs.put(
                    pair.getKey().toStringUtf8(),
                    new Seen(pair.getValue().toStringUtf8().stripTrailing(), pair.getModRevision()));
        }
        List<Step> steps = new ArrayList<>();
        for (String key : keys) {
            steps.add(new Step.Read(key, pairs.getOrDefault(key, Seen.ABSENT)));
        }
        return steps;
    }

    private void compareCopies(long revision, List<String> problems) {
        RangeRequest own =
                everything().setSerializable(true).setRevision(revision).build();
        List<KeyValue> first = List.of();
        for (NodeClient node : client.all()) {
            String name = node.node().name();
            try {
                List<KeyValue> copy =
                        retry(node, own, clock.nowNanos() + timeoutNanos).getKvsList();
                if (node.equals(client.all().get(0))) {
                    first = copy;
                } else if (!first.equals(copy)) {
                    problems.add("at revision " + revision + " the copy of " + name + " differs from that of "
                            + client.all().get(0).node().name() + ": " + firstDifference(first, copy));
                }
            } catch (StatusRuntimeException e) {
                problems.add(name + " does not show its copy at revision " + revision + ": " + describe(e));
            }
        }
    }

    /**
     * Compares checksums of everything that the nodes hold, at one revision; returns a line for each node that does not answer, or
     * has another one than the first.
     *
     * @param revision that all of them have applied
     */
    List<String> compareHashes(long revision) {
        List<String> problems = new ArrayList<>();
        HashKVResponse first = null;
        for (NodeClient node : client.all()) {
            String name = node.node().name();
            try {
                HashKVResponse hash = node.hash(revision);
                if (first == null) {
                    first = hash;
                } else if (hash.getHash() != first.getHash()
                        || hash.getCompactRevision() != first.getCompactRevision()) {
                    problems.add("at revision " + revision + " " + name + " has the hash " + hash.getHash()
                            + ", compacted " + hash.getCompactRevision() + ", and "
                            + client.all().get(0).node().name() + " has " + first.getHash() + ", compacted "
                            + first.getCompactRevision());
                }
            } catch (StatusRuntimeException e) {
                problems.add(name + " does not tell its hash at revision " + revision + ": " + describe(e));
            }
        }
        return problems;
    }

    private static String describe(StatusRuntimeException failure) {
        return failure.getStatus().getCode() + " " + failure.getStatus().getDescription();
    }

    private static String firstDifference(List<KeyValue> a, List<KeyValue> b) {
        for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
            if (!a.get(i).equals(b.get(i))) {
                return describe(a.get(i)) + " against " + describe(b.get(i));
            }
        }
        return a.size() + " keys against " + b.size();
    }

    private static String describe(KeyValue pair) {
        return pair.getKey().toStringUtf8() + "="
                + pair.getValue().toStringUtf8().stripTrailing() + " (created "
                + pair.getCreateRevision() + ", modified " + pair.getModRevision() + ", version " + pair.getVersion()
                + ", lease " + pair.getLease() + ")";
    }

    /** Asks until the node answers, or the deadline is over: then the last failure is thrown. */
    private RangeResponse retry(NodeClient node, RangeRequest request, long deadlineNanos) {
        while (true) {
            try {
                return node.range(request);
            } catch (StatusRuntimeException failure) {
                if (clock.nowNanos() > deadlineNanos) {
                    throw failure;
                }
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
    }

    private static RangeRequest.Builder everything() {
        String prefix = Workload.KEY_PREFIX;
        String end = prefix.substring(0, prefix.length() - 1) + (char) (prefix.charAt(prefix.length() - 1) + 1);
        return RangeRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(prefix))
                .setRangeEnd(ByteString.copyFromUtf8(end));
    }
}
