package dev.quorate.kv.lease;

import dev.quorate.kv.command.CommandResult;
import dev.quorate.kv.command.Expiry;
import dev.quorate.kv.mvcc.Lease;
import dev.quorate.kv.mvcc.MvccStore;
import dev.quorate.raft.RaftRole;
import dev.quorate.raft.RaftStatus;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the time of leases, and ends those whose time is over.
 *
 * <p>A member counts from the moment at which it sees that a grant or a renewal was carried out: later than the client asked for
 * it, so that no lease ends earlier than its holder was told. When a leader is elected all leases begin anew, as their holders
 * could not renew them without one. Only the leader proposes to end leases; what it proposes holds in its own term alone.
 */
public final class Lessor implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Lessor.class);
    private static final long LOOK_MILLIS = 200;

    private final MvccStore store;
    private final Supplier<RaftStatus> status;
    private final Function<byte[], CompletableFuture<CommandResult>> propose;
    private final long memberId;
    private final long minTtlSeconds;
    private final LongSupplier nanoClock;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread daemon = new Thread(task, "kv-lease");
        daemon.setDaemon(true);
        return daemon;
    });

    /** One for each lease that exists; written by the thread, read by anybody. */
    private final Map<Long, Counted> counted = new ConcurrentHashMap<>();

    private final Deque<Expiry.Ended> due = new ArrayDeque<>(); // of the thread
    private long countedTerm; // of the thread
    private boolean isProposing; // of the thread

    private record Counted(long renewedAt, long deadlineNanos) {}

    /**
     * @param status one moment of this member
     * @param propose replicates a command; never blocks
     * @param memberId the origin of the commands
     * @param electionTimeout leases last half as long again at least: shorter ones would end with every election
     * @param nanoClock monotonic
     */
    public Lessor(
            MvccStore store,
            Supplier<RaftStatus> status,
            Function<byte[], CompletableFuture<CommandResult>> propose,
            long memberId,
            Duration electionTimeout,
            LongSupplier nanoClock) {
        this.store = store;
        this.status = status;
        this.propose = propose;
        this.memberId = memberId;
        this.minTtlSeconds = (electionTimeout.toMillis() * 3 / 2 + 999) / 1_000;
        this.nanoClock = nanoClock;
    }

    /** Begins to count. */
    public Lessor start() {
        var unused = thread.scheduleWithFixedDelay(this::lookOrComplain, 0, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        return this;
    }

    /** The shortest lease; shorter ones that are asked for last as long as this. */
    public long minTtlSeconds() {
        return minTtlSeconds;
    }

    /** Whole seconds that a lease has left as far as this member knows; 0 to its TTL. Any thread. */
    public long remainingSeconds(Lease lease) {
        Counted count = counted.get(lease.id());
        if (count == null || count.renewedAt() != lease.renewedAt()) {
            return lease.ttlSeconds();
        }
        long left = TimeUnit.NANOSECONDS.toSeconds(count.deadlineNanos() - nanoClock.getAsLong());
        return Math.max(0, Math.min(left, lease.ttlSeconds()));
    }

    private void lookOrComplain() {
        try {
            look();
        } catch (RuntimeException e) { // an exception would end the schedule, and no lease would ever end again
            LOG.error("the leases could not be looked through; the next try is in {} ms", LOOK_MILLIS, e);
        }
    }

    /** Looks through all leases once. By the thread. */
    void look() {
        RaftStatus now = status.get();
        if (now.leader() != null && now.term() != countedTerm) {
            countedTerm = now.term();
            counted.clear();
            due.clear();
        }
        count();
        boolean leads = now.role() == RaftRole.LEADER && now.term() == countedTerm;
        if (!leads) {
            due.clear();
        } else if (due.isEmpty()) {
            findDue();
        }
        proposeNext();
    }

    private void count() {
        for (Lease lease : store.allLeases()) {
            Counted count = counted.get(lease.id());
            if (count == null || count.renewedAt() != lease.renewedAt()) {
                // The clock is read after the lease: read before, it would give less time than was granted in between.
                long deadline = nanoClock.getAsLong() + TimeUnit.SECONDS.toNanos(lease.ttlSeconds());
                counted.put(lease.id(), new Counted(lease.renewedAt(), deadline));
            }
        }
        counted.keySet().removeIf(id -> store.lease(id) == null);
    }

    private void findDue() {
        long now = nanoClock.getAsLong();
        counted.forEach((id, count) -> {
            if (count.deadlineNanos() - now <= 0) {
                due.add(new Expiry.Ended(id, count.renewedAt()));
            }
        });
    }

    /** One command at a time, so that ten thousand leases that end at once do not hold up those who write. */
    @SuppressWarnings("FutureReturnValueIgnored") // whatever comes of it, the next look sees
    private void proposeNext() {
        if (isProposing || due.isEmpty()) {
            return;
        }
        List<Expiry.Ended> ended = new ArrayList<>();
        while (!due.isEmpty() && ended.size() < Expiry.MAX_LEASES) {
            ended.add(due.remove());
        }
        isProposing = true;
        propose.apply(new Expiry(countedTerm, ended).toCommand(memberId)).whenComplete((done, failure) -> {
            try {
                thread.execute(() -> proposed(failure == null));
            } catch (RejectedExecutionException e) {
                LOG.debug("the server stops while leases end");
            }
        });
    }

    private void proposed(boolean isDone) {
        isProposing = false;
        if (isDone) {
            proposeNext();
        } else {
            due.clear(); // the next look finds what is still due, if this member still leads
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
