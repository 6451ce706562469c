package dev.quorate.kv.server;

import dev.quorate.kv.api.AlarmRequest;
import dev.quorate.kv.api.AlarmType;
import dev.quorate.kv.command.Alarms;
import dev.quorate.kv.command.Command;
import dev.quorate.kv.command.DataCheck;
import dev.quorate.kv.command.KvStateMachine;
import dev.quorate.kv.mvcc.KvException;
import dev.quorate.kv.mvcc.KvHash;
import dev.quorate.kv.mvcc.MvccStore;
import dev.quorate.kv.mvcc.StorageException;
import dev.quorate.kv.mvcc.StoreClosedException;
import dev.quorate.kv.rpc.Identity;
import dev.quorate.kv.rpc.Replicator;
import dev.quorate.raft.RaftRole;
import dev.quorate.raft.RaftStatus;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the members compare what they hold, and raises the alarm CORRUPT for whoever holds something else: a bug, or a disk that
 * no checksum has caught. Every member answers; the leader asks, and judges when all have answered, or when some differ and the
 * others have had their time.
 *
 * <p>Threads: {@link #ask} and {@link #judge} on one thread; what a member holds is read on a thread of its own.
 */
final class DataChecker implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DataChecker.class);

    /** How long members have to answer before those that have are judged, and before another check may begin. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final DataCheck check;
    private final Alarms alarms;
    private final Replicator replicator;
    private final MvccStore store;
    private final Identity identity;
    private final ExecutorService reader = Executors.newSingleThreadExecutor(task -> {
        Thread daemon = new Thread(task, "kv-check");
        daemon.setDaemon(true);
        return daemon;
    });
    private long judged; // the index of the check that all have answered alike
    private long seen; // the index of the check that was seen last, and when it was seen first
    private long seenAtNanos;

    DataChecker(KvStateMachine stateMachine, Replicator replicator, MvccStore store, Identity identity) {
        this.check = stateMachine.check();
        this.alarms = stateMachine.alarms();
        this.replicator = replicator;
        this.store = store;
        this.identity = identity;
        check.listen(question -> {
            try {
                reader.execute(() -> answer(question));
            } catch (RejectedExecutionException e) {
                LOG.debug("{} stops, and is not compared", identity.name());
            }
        });
    }

    /** Begins a check, if this member leads others, no other check is under way, and nothing is known to be wrong. */
    void ask() {
        judge();
        long current = check.round().index();
        boolean isUnderWay = current != 0 && current != judged && !isPatienceOver();
        boolean isAlone = replicator.status().membership().all().size() == 1;
        if (leads() && !isAlone && !isUnderWay && !alarms.isRaised(AlarmType.CORRUPT)) {
            propose(Command.of(Command.Kind.CHECK, identity.memberId(), new byte[0]), "begin to compare");
        }
    }

    private void answer(DataCheck.Question question) {
        try {
            KvHash hash = store.hash(question.revision());
            if (hash.compacted() != question.compacted()) {
                LOG.info(
                        "{} gave up history while it was compared; the next check will tell",
                        identity.name()); // others may have been quicker: their hashes are of more
                return;
            }
            propose(DataCheck.answer(identity.memberId(), question, hash.hash()), "say what it holds");
        } catch (KvException e) {
            LOG.info("{} cannot be compared at revision {}: {}", identity.name(), question.revision(), e.getMessage());
        } catch (StoreClosedException e) {
            LOG.debug("{} stops, or gets another state, and is not compared", identity.name());
        } catch (StorageException e) {
            LOG.error(
                    "{} cannot read all that it holds: remove it from the cluster, and add it with an empty data directory",
                    identity.name(),
                    e);
        }
    }

    /** Looks at the answers, if this member leads. An alarm that is raised ends the check; until then this tries again. */
    void judge() {
        DataCheck.Round round = check.round();
        RaftStatus status = replicator.status();
        if (!leads() || round.index() == 0 || round.index() == judged) {
            return;
        }
        if (seen != round.index()) {
            seen = round.index();
            seenAtNanos = System.nanoTime();
        }
        boolean isComplete = status.membership().all().stream()
                .allMatch(member -> round.answers().containsKey(identity.memberId(member)));
        Set<Long> deviants = round.deviants();
        if (isComplete && deviants.isEmpty()) {
            judged = round.index();
            LOG.info(
                    "{} members hold the same as of log index {}",
                    round.answers().size(),
                    round.index());
        } else if (isComplete || isPatienceOver()) {
            deviants.forEach(member -> raise(member, round));
        }
    }

    private boolean isPatienceOver() {
        return System.nanoTime() - seenAtNanos > PATIENCE.toNanos();
    }

    private void raise(long member, DataCheck.Round round) {
        LOG.error(
                "member {} holds something else than others as of log index {}: raising the alarm CORRUPT; answers: {}",
                String.format(Locale.ROOT, "%016x", member),
                round.index(),
                round.answers());
        AlarmRequest request = AlarmRequest.newBuilder()
                .setAction(AlarmRequest.AlarmAction.ACTIVATE)
                .setMemberID(member)
                .setAlarm(AlarmType.CORRUPT)
                .build();
        var unused = replicator
                .propose(Command.of(Command.Kind.ALARM, identity.memberId(), request.toByteArray()))
                .exceptionally(failure -> {
                    LOG.warn("{} could not raise the alarm CORRUPT, and tries again", identity.name(), failure);
                    return null;
                });
    }

    private boolean leads() {
        return replicator.status().role() == RaftRole.LEADER;
    }

    private void propose(byte[] command, String what) {
        var unused = replicator.propose(command).exceptionally(failure -> {
            LOG.warn("{} could not {}: {}", identity.name(), what, failure.getMessage());
            return null;
        });
    }

    @Override
    public void close() {
        reader.shutdownNow();
    }
}
