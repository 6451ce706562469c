package dev.quorate.jepsen.selfcheck;

import dev.quorate.jepsen.history.History;
import dev.quorate.jepsen.history.Operation;
import dev.quorate.jepsen.history.Outcome;
import dev.quorate.jepsen.history.Step;
import dev.quorate.jepsen.workload.Request;
import dev.quorate.jepsen.workload.Workload;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * A history that is linearizable by construction: simulated clients of a {@link PerfectStore}, in simulated time, some of
 * whose answers are lost. The same options give the same history.
 */
public final class GeneratedHistory {

    /**
     * @param clients how many requests run at the same time
     * @param operations how many requests in all
     * @param unknownShare of the requests get no answer; half of those take effect, at some later time
     * @param failShare of the requests are refused
     */
    public record Options(
            long seed, int clients, int operations, double unknownShare, double failShare, Workload.Options workload) {}

    private static final int MAX_WAIT_NANOS = 1_000;
    private static final int MAX_LATE_EFFECT_NANOS = 100_000;

    private record Event(long nanos, long order, Runnable action) {}

    private final Options options;
    private final Random random;
    private final Workload workload;
    private final PerfectStore store = new PerfectStore();
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::nanos).thenComparingLong(Event::order));
    private final List<Operation> operations = new ArrayList<>();
    private long nowNanos;
    private long eventsMade;
    private int started;

    private GeneratedHistory(Options options) {
        this.options = options;
        random = new Random(options.seed());
        workload = new Workload(options.workload());
    }

    public static History of(Options options) {
        return new GeneratedHistory(options).run();
    }

    private History run() {
        for (int client = 0; client < options.clients(); client++) {
            int process = client;
            later(MAX_WAIT_NANOS, () -> invoke(process));
        }
        for (Event event = events.poll(); event != null; event = events.poll()) {
            nowNanos = event.nanos();
            event.action().run();
        }
        return new History(operations, List.of());
    }

    private void later(int maxNanos, Runnable action) {
        events.add(new Event(nowNanos + 1 + random.nextInt(maxNanos), eventsMade++, action));
    }

    private void invoke(int process) {
        if (started++ >= options.operations()) {
            return;
        }
        long invokeNanos = nowNanos;
        Request request = workload.next(random);
        double draw = random.nextDouble();
        if (draw < options.unknownShare()) {
            if (random.nextBoolean()) {
                later(MAX_LATE_EFFECT_NANOS, () -> store.apply(request));
            }
            later(
                    MAX_WAIT_NANOS,
                    () -> complete(
                            process,
                            process + options.clients(),
                            invokeNanos,
                            Outcome.UNKNOWN,
                            new PerfectStore.Answer(request.steps(), 0)));
        } else if (draw < options.unknownShare() + options.failShare()) {
            later(
                    MAX_WAIT_NANOS,
                    () -> complete(
                            process, process, invokeNanos, Outcome.FAIL, new PerfectStore.Answer(request.steps(), 0)));
        } else {
            later(MAX_WAIT_NANOS, () -> {
                PerfectStore.Answer answer = store.apply(request);
                later(MAX_WAIT_NANOS, () -> complete(process, process, invokeNanos, Outcome.OK, answer));
            });
        }
    }

    private void complete(int process, int nextProcess, long invokeNanos, Outcome outcome, PerfectStore.Answer answer) {
        List<Step> steps = answer.steps();
        Operation operation =
                new Operation(process, "sim", invokeNanos, nowNanos, outcome, answer.revision(), steps, null);
        operations.add(operation);
        workload.learn(operation);
        later(MAX_WAIT_NANOS, () -> invoke(nextProcess));
    }
}
