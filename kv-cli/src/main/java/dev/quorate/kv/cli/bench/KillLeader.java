package dev.quorate.kv.cli.bench;

import dev.quorate.kv.cli.CliException;
import dev.quorate.kv.cli.client.Endpoint;
import dev.quorate.kv.cli.client.KvClient;
import dev.quorate.kv.cli.client.Outcome;
import dev.quorate.kv.cli.client.ServerStatus;
import dev.quorate.kv.cli.client.Servers;
import dev.quorate.kv.cli.client.StatusAnswer;
import dev.quorate.kv.cli.cluster.ClusterLayout;
import dev.quorate.kv.cli.cluster.ClusterManager;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Kills the leader again and again while clients write, and asks: how long until writes go on, does the killed node come back,
 * and is everything there that was acknowledged?
 */
public final class KillLeader {

    private static final String PREFIX = "kill-leader/";
    private static final Duration STEP_LIMIT = Duration.ofSeconds(60);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration STATUS_TIMEOUT = Duration.ofMillis(500);
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(30);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /**
     * @param settle undisturbed writing before each kill
     */
    public record Plan(int kills, int clients, int valueBytes, Duration settle) {}

    /**
     * @param resumedNanos from the kill to the first acknowledgement of a write that was begun after it
     * @param caughtUpNanos from the start of the killed node to the moment when it had applied all that was committed then
     */
    public record Kill(String node, long resumedNanos, long caughtUpNanos) {}

    public record Report(List<Kill> kills, long acknowledged, long refused, long unknown, long lost, long ghosts) {}

    private final Plan plan;
    private final ClusterManager manager;
    private final ClusterLayout layout;
    private final WriteLedger ledger = new WriteLedger(PREFIX);
    private final AtomicLong nextNumber = new AtomicLong();
    private volatile Resumption watched = new Resumption();

    public KillLeader(Plan plan, ClusterManager manager) {
        this.plan = plan;
        this.manager = manager;
        this.layout = manager.layout();
    }

    /**
     * @param told after each kill
     * @throws CliException (definite) if writes do not go on, or a node does not come back, within a minute
     */
    public Report run(Consumer<Kill> told) throws InterruptedException {
        List<Kill> kills = new ArrayList<>();
        try (Wires wires = new Wires(
                1, new Servers(layout.clientEndpoints(), manager.directory().clientTls(), null))) {
            List<ManagedChannel> channels = new ArrayList<>();
            for (Endpoint endpoint : layout.clientEndpoints()) {
                channels.addAll(wires.connect(endpoint, 1));
            }
            List<ClosedLoopClient> clients = new ArrayList<>();
            for (int i = 0; i < plan.clients(); i++) {
                ClosedLoopClient client = new Writer(new NextAfterFailure(wires, channels, i));
                clients.add(client);
                client.start();
            }
            for (int i = 0; i < plan.kills(); i++) {
                pause(clients, plan.settle());
                Kill kill = killOnce(clients, channels);
                kills.add(kill);
                told.accept(kill);
            }
            clients.forEach(ClosedLoopClient::stop);
            for (ClosedLoopClient client : clients) {
                if (!client.awaitEnd(REQUEST_TIMEOUT.toNanos())) {
                    client.awaitEnd(REQUEST_TIMEOUT.toNanos());
                }
            }
        }
        try (KvClient client = new KvClient(
                layout.clientEndpoints(),
                READ_TIMEOUT,
                null,
                manager.directory().clientTls())) {
            WriteLedger.Audit audit = ledger.audit(client);
            return new Report(
                    kills, audit.acknowledged(), audit.refused(), audit.unknown(), audit.lost(), audit.ghosts());
        }
    }

    private Kill killOnce(List<ClosedLoopClient> clients, List<ManagedChannel> channels) {
        Endpoint leader = awaitLeader();
        String node = layout.nodes().stream()
                .filter(member -> member.client().equals(leader))
                .findFirst()
                .orElseThrow()
                .name();
        Resumption resumption = new Resumption();
        watched = resumption;
        manager.kill(node);
        await("writes did not go on after " + node + " was killed", () -> {
            giveUpStale(clients);
            return resumption.nanos() != 0;
        });
        long resumed = resumption.nanos();

        long startedAt = System.nanoTime();
        manager.restart(List.of(node), STEP_LIMIT);
        channels.forEach(ManagedChannel::resetConnectBackoff);
        long target = committed();
        await(node + " did not catch up to index " + target, () -> {
            giveUpStale(clients);
            return appliedAt(leader) >= target;
        });
        return new Kill(node, resumed, System.nanoTime() - startedAt);
    }

    private Endpoint awaitLeader() {
        List<Endpoint> found = new ArrayList<>();
        await("no leader is elected", () -> {
            status().stream()
                    .filter(answer -> answer.status() != null && answer.status().role() == ServerStatus.Role.leader)
                    .map(StatusAnswer::endpoint)
                    .forEach(found::add);
            return !found.isEmpty();
        });
        return found.get(0);
    }

    private long committed() {
        return status().stream()
                .mapToLong(
                        answer -> answer.status() == null ? 0 : answer.status().commitIndex())
                .max()
                .orElse(0);
    }

    private long appliedAt(Endpoint endpoint) {
        return status().stream()
                .filter(answer -> answer.endpoint().equals(endpoint) && answer.status() != null)
                .mapToLong(answer -> answer.status().appliedIndex())
                .findFirst()
                .orElse(0);
    }

    private List<StatusAnswer> status() {
        try (KvClient client = new KvClient(
                layout.clientEndpoints(),
                STATUS_TIMEOUT,
                null,
                manager.directory().clientTls())) {
            return client.statusOfAll();
        }
    }

    private static void await(String otherwise, BooleanSupplier condition) {
        long deadline = System.nanoTime() + STEP_LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline >= 0) {
                throw CliException.definite(otherwise + " within " + STEP_LIMIT.toSeconds() + " s");
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private static void pause(List<ClosedLoopClient> clients, Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() - end < 0) {
            giveUpStale(clients);
            LockSupport.parkNanos(Math.min(time.toNanos(), TimeUnit.MILLISECONDS.toNanos(100)));
        }
    }

    private static void giveUpStale(List<ClosedLoopClient> clients) {
        clients.forEach(client -> client.giveUpAfter(REQUEST_TIMEOUT.toNanos()));
    }

    private final class Writer extends ClosedLoopClient {

        private final RawMessages.Template put = RawMessages.put(PREFIX, new byte[plan.valueBytes()]);

        Writer(Route route) {
            super(route);
        }

        @Override
        Request next() {
            long number = nextNumber.getAndIncrement();
            return new Request(RawMessages.PUT, put.withNumber(number), number);
        }

        @Override
        void succeeded(Request request, long startNanos, long endNanos, int answerBytes) {
            ledger.acknowledged(request.number());
            watched.acknowledged(startNanos, endNanos);
        }

        @Override
        void failed(Request request, Outcome outcome, Status status) {
            if (outcome == Outcome.DEFINITE) {
                ledger.refused(request.number());
            } else {
                ledger.unknown();
            }
        }
    }

    /** The moment of a kill, and how long after it writes went on. */
    private static final class Resumption {

        private final long killedAtNanos = System.nanoTime();
        private final AtomicLong afterNanos = new AtomicLong();

        void acknowledged(long startNanos, long endNanos) {
            if (afterNanos.get() == 0 && startNanos - killedAtNanos > 0) {
                afterNanos.compareAndSet(0, endNanos - killedAtNanos);
            }
        }

        /** 0 as long as no write that began after the kill was acknowledged. */
        long nanos() {
            return afterNanos.get();
        }
    }

    /** A client that goes to the next server when one fails it, as applications do. */
    private static final class NextAfterFailure implements Route {

        private final Wires wires;
        private final List<ManagedChannel> channels;
        private volatile int at;

        NextAfterFailure(Wires wires, List<ManagedChannel> channels, int first) {
            this.wires = wires;
            this.channels = channels;
            this.at = first % channels.size();
        }

        @Override
        public Channel channel() {
            return channels.get(at);
        }

        @Override
        public void failed() {
            at = (at + 1) % channels.size();
        }

        @Override
        public void later(Runnable task, long millis) {
            wires.later(task, millis);
        }
    }
}
