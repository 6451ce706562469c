package dev.quorate.kv.rpc;

import dev.quorate.kv.api.AlarmRequest;
import dev.quorate.kv.api.AlarmType;
import dev.quorate.kv.command.Alarms;
import dev.quorate.kv.command.Command;
import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.KvException;
import dev.quorate.kv.mvcc.StoreClosedException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps this member's store below its quota: looks at its size, and raises the alarm NOSPACE when it is reached.
 *
 * <p>This member's size refuses only what this member is asked to propose. What is in the log already is carried out
 * everywhere, or refused everywhere because the alarm stands before it.
 */
public final class SpaceGuard implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SpaceGuard.class);

    /** The size is asked for this often; in between, what was admitted is added to it. */
    private static final long SAMPLE_MILLIS = 200;

    private final long quotaBytes;
    private final LongSupplier storeBytes;
    private final Alarms alarms;
    private final Replicator replicator;
    private final long memberId;
    private final AtomicLong admittedBytes = new AtomicLong();
    private final AtomicBoolean isRaising = new AtomicBoolean();
    private volatile long sampledBytes;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread daemon = new Thread(task, "kv-space");
        daemon.setDaemon(true);
        return daemon;
    });

    /**
     * @param quotaBytes how large the store may become; {@link Long#MAX_VALUE} for as large as it likes
     * @param storeBytes how large it is; asked on a thread of its own
     */
    public SpaceGuard(long quotaBytes, LongSupplier storeBytes, Alarms alarms, Replicator replicator, long memberId) {
        this.quotaBytes = quotaBytes;
        this.storeBytes = storeBytes;
        this.alarms = alarms;
        this.replicator = replicator;
        this.memberId = memberId;
    }

    /** Begins to look. */
    public void start() {
        var unused = thread.scheduleWithFixedDelay(this::sample, 0, SAMPLE_MILLIS, TimeUnit.MILLISECONDS);
    }

    long quotaBytes() {
        return quotaBytes;
    }

    Alarms alarms() {
        return alarms;
    }

    /**
     * Looks whether a command may be proposed.
     *
     * @param growthBytes about how much larger it makes the store; 0 if it is carried out without room as well
     * @throws KvException if an alarm stops it, or this member's store has no room for it
     */
    void admit(int growthBytes) throws KvException {
        alarms.requireNotCorrupt();
        if (growthBytes == 0) {
            return;
        }
        if (alarms.isRaised(AlarmType.NOSPACE)) {
            throw new KvException(KvError.NO_SPACE);
        }
        if (quotaBytes != Long.MAX_VALUE && sampledBytes + admittedBytes.addAndGet(growthBytes) > quotaBytes) {
            admittedBytes.addAndGet(-growthBytes);
            raise();
            throw new KvException(KvError.NO_SPACE);
        }
    }

    private void sample() {
        try {
            long before = admittedBytes.get();
            sampledBytes = storeBytes.getAsLong();
            admittedBytes.addAndGet(-before);
        } catch (StoreClosedException e) {
            return; // the server stops
        }
        if (sampledBytes > quotaBytes) {
            raise();
        }
    }

    /** Until it is seen in the log's effect: the next sample tries again. */
    @SuppressWarnings("FutureReturnValueIgnored") // whatever comes of it, the next sample looks
    private void raise() {
        if (alarms.isRaised(AlarmType.NOSPACE, memberId) || !isRaising.compareAndSet(false, true)) {
            return;
        }
        LOG.warn("the store has {} bytes, and its quota is {}: raising the alarm NOSPACE", sampledBytes, quotaBytes);
        AlarmRequest request = AlarmRequest.newBuilder()
                .setAction(AlarmRequest.AlarmAction.ACTIVATE)
                .setMemberID(memberId)
                .setAlarm(AlarmType.NOSPACE)
                .build();
        replicator
                .propose(Command.of(Command.Kind.ALARM, memberId, request.toByteArray()))
                .whenComplete((done, failure) -> isRaising.set(false));
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
