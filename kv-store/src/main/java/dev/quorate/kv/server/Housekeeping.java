package dev.quorate.kv.server;

import dev.quorate.kv.api.CompactionRequest;
import dev.quorate.kv.command.Command;
import dev.quorate.kv.command.CommandResult;
import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.MvccStore;
import dev.quorate.kv.rpc.Identity;
import dev.quorate.kv.rpc.Replicator;
import dev.quorate.kv.rpc.SpaceGuard;
import dev.quorate.raft.RaftRole;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a server does by itself, now and then, on a thread of its own: {@link Upkeep} says what. */
final class Housekeeping implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);

    private static final Duration JUDGE_INTERVAL = Duration.ofSeconds(1);

    private final Upkeep upkeep;
    private final SpaceGuard space;
    private final Replicator replicator;
    private final MvccStore store;
    private final Identity identity;
    private final DataChecker checker;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread daemon = new Thread(task, "kv-upkeep");
        daemon.setDaemon(true);
        return daemon;
    });

    Housekeeping(
            Upkeep upkeep,
            SpaceGuard space,
            Replicator replicator,
            MvccStore store,
            Identity identity,
            DataChecker checker) {
        this.upkeep = upkeep;
        this.space = space;
        this.replicator = replicator;
        this.store = store;
        this.identity = identity;
        this.checker = checker;
    }

    void start() {
        space.start();
        AutoCompactor compactor = AutoCompactor.of(upkeep.compaction(), this::compact);
        if (compactor != null) {
            every(
                    compactor.interval(),
                    () -> compactor.tick(
                            replicator.status().role() == RaftRole.LEADER,
                            store.state().revision()));
        }
        if (!upkeep.checkInterval().isZero()) {
            every(upkeep.checkInterval(), checker::ask);
        }
        every(JUDGE_INTERVAL, checker::judge); // also what another leader has begun, or was told to begin
    }

    private void every(Duration interval, Runnable task) {
        var unused = thread.scheduleWithFixedDelay(
                () -> {
                    try {
                        task.run();
                    } catch (RuntimeException e) { // or the schedule would end here, and nobody would know
                        LOG.warn("{} could not do its upkeep, and tries again in {}", identity.name(), interval, e);
                    }
                },
                interval.toMillis(),
                interval.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    private void compact(long revision) {
        if (revision <= store.state().compacted()) {
            return;
        }
        CompactionRequest request =
                CompactionRequest.newBuilder().setRevision(revision).build();
        LOG.info("{} compacts the history before revision {}", identity.name(), revision);
        var unused = replicator
                .propose(Command.of(Command.Kind.AUTO_COMPACT, identity.memberId(), request.toByteArray()))
                .whenComplete((result, failure) -> {
                    if (failure != null || isRefused(result)) {
                        LOG.warn(
                                "{} could not compact the history before revision {}, and tries again at the next time: {}",
                                identity.name(),
                                revision,
                                failure == null ? result : failure.toString());
                    }
                });
    }

    private static boolean isRefused(CommandResult result) {
        return result instanceof CommandResult.Refused refused
                && refused.error() != KvError.COMPACTED; // by a client, meanwhile
    }

    @Override
    public void close() {
        thread.shutdownNow();
        checker.close();
        space.close();
    }
}
