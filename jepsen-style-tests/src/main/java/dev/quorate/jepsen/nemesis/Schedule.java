package dev.quorate.jepsen.nemesis;

import dev.quorate.jepsen.client.RunClock;
import dev.quorate.jepsen.history.NemesisEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Blow after blow with some calm in between, until it is told to stop; now and then a second one of another kind strikes
 * while the first lasts. The same seed draws the same kinds, targets and times; who leads is up to the servers.
 */
public final class Schedule implements Storm {

    // Long enough for an election and some writes, so that a fault meets work; sometimes too short for either.
    private static final int MIN_CALM_MILLIS = 200;
    private static final int MAX_CALM_MILLIS = 3_500;
    private static final double SECOND_BLOW_PROBABILITY = 0.25;

    // Mostly the next fault finds servers that work again, however slow the machine is; now and then some that do not
    // yet.
    private static final double PATIENCE_PROBABILITY = 0.8;
    private static final long MAX_PATIENCE_MILLIS = 20_000;

    /** Knows whether work goes on. */
    public interface Work {
        /** Waits until a write is acknowledged that was invoked at this moment of the run or later; false if it takes too long. */
        boolean awaitWriteInvokedAfter(long nanos, long timeoutMillis) throws InterruptedException;
    }

    private final List<Nemesis> nemeses;
    private final int minCalmMillis;
    private final int maxCalmMillis;
    private final Random random;
    private final RunClock clock;
    private final Work work;
    private final Consumer<NemesisEvent> done;
    private final Consumer<String> progress;
    private final CountDownLatch stop = new CountDownLatch(1);

    /**
     * @param nemeses none for a run without faults
     * @param work says when the servers work again
     * @param done is told each fault when it is healed
     * @param progress is told each fault when it strikes
     */
    public Schedule(
            List<Nemesis> nemeses,
            long seed,
            RunClock clock,
            Work work,
            Consumer<NemesisEvent> done,
            Consumer<String> progress) {
        this(nemeses, MIN_CALM_MILLIS, MAX_CALM_MILLIS, seed, clock, work, done, progress);
    }

    Schedule(
            List<Nemesis> nemeses,
            int minCalmMillis,
            int maxCalmMillis,
            long seed,
            RunClock clock,
            Work work,
            Consumer<NemesisEvent> done,
            Consumer<String> progress) {
        this.minCalmMillis = minCalmMillis;
        this.maxCalmMillis = maxCalmMillis;
        this.nemeses = List.copyOf(nemeses);
        this.random = new Random(seed);
        this.clock = clock;
        this.work = work;
        this.done = done;
        this.progress = progress;
    }

    /** Returns when {@link #stop} was called and the last fault is healed. */
    @Override
    public void run() {
        while (waits(minCalmMillis + random.nextInt(maxCalmMillis - minCalmMillis))) {
            if (!nemeses.isEmpty()) {
                strike(drawBlows());
                if (random.nextDouble() < PATIENCE_PROBABILITY) {
                    awaitWork();
                }
            }
        }
    }

    private void awaitWork() {
        try {
            long healedNanos = clock.nowNanos();
            long deadlineNanos = healedNanos + TimeUnit.MILLISECONDS.toNanos(MAX_PATIENCE_MILLIS);
            while (clock.nowNanos() < deadlineNanos
                    && stop.getCount() > 0
                    && !work.awaitWriteInvokedAfter(healedNanos, MIN_CALM_MILLIS)) {
                // Looks again whether it is time to stop.
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private List<Blow> drawBlows() {
        Blow first = nemeses.get(random.nextInt(nemeses.size())).draw(random);
        List<Blow> blows = new ArrayList<>(List.of(first));
        if (random.nextDouble() < SECOND_BLOW_PROBABILITY) {
            Blow second = nemeses.get(random.nextInt(nemeses.size())).draw(random);
            if (!second.kind().equals(first.kind())) {
                blows.add(second);
            }
        }
        return blows;
    }

    /** Strikes them one after the other, and heals them each in its time. */
    private void strike(List<Blow> blows) {
        List<Long> strikes = new ArrayList<>();
        int healed = 0;
        try {
            for (Blow blow : blows) {
                progress.accept(blow.toString());
                strikes.add(clock.nowNanos());
                blow.strike().run();
            }
            for (Blow blow : blows) {
                long elapsedMillis = (clock.nowNanos() - strikes.get(healed)) / 1_000_000;
                waits(Math.max(0, blow.lastsMillis() - elapsedMillis));
                heal(blow, strikes.get(healed));
                healed++;
            }
        } finally {
            // Only if something went wrong: a nemesis leaves nobody hurt behind.
            for (int i = healed; i < strikes.size(); i++) {
                heal(blows.get(i), strikes.get(i));
            }
        }
    }

    private void heal(Blow blow, long strikeNanos) {
        blow.heal().run();
        done.accept(new NemesisEvent(blow.kind(), blow.target(), blow.nodes(), strikeNanos, clock.nowNanos()));
    }

    /** Returns false, and early, when it is time to stop. */
    private boolean waits(long millis) {
        try {
            return !stop.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void stop() {
        stop.countDown();
    }
}
