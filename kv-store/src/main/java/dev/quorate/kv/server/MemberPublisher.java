package dev.quorate.kv.server;

import dev.quorate.kv.api.Member;
import dev.quorate.kv.command.Command;
import dev.quorate.kv.command.Members;
import dev.quorate.kv.mvcc.MvccStore;
import dev.quorate.kv.mvcc.StoreClosedException;
import dev.quorate.kv.rpc.Replicator;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the other members, through the log, how clients find this one. Tries until it is known. */
final class MemberPublisher implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(MemberPublisher.class);
    private static final long RETRY_MILLIS = 200;

    private final Replicator replicator;
    private final MvccStore store;
    private final Member member;
    private final long memberId;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread daemon = new Thread(task, "kv-publish");
        daemon.setDaemon(true);
        return daemon;
    });

    MemberPublisher(Replicator replicator, MvccStore store, Member member, long memberId) {
        this.replicator = replicator;
        this.store = store;
        this.member = member;
        this.memberId = memberId;
    }

    void start() {
        thread.execute(this::publish);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // whatever comes of it, the next try looks
    private void publish() {
        try {
            if (member.equals(Members.published(store).get(member.getName()))) {
                thread.shutdown();
                return;
            }
        } catch (StoreClosedException e) {
            return; // the server stops
        }
        byte[] command = Command.of(Command.Kind.MEMBER, memberId, member.toByteArray());
        replicator.propose(command).whenComplete((done, failure) -> again());
    }

    /** Also after a success, to see that it is there; setting the same row twice does no harm. */
    private void again() {
        try {
            var unused = thread.schedule(this::publish, RETRY_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("the server stops before it is known to the others");
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
