package dev.quorate.raft.runtime;

import dev.quorate.raft.Output;
import dev.quorate.raft.model.Entry;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** Reads older entries for followers that are behind the core's window, off the raft thread. */
final class EntryFetcher implements Consumer<Output.Fetch> {

    private static final System.Logger LOG = System.getLogger(RaftNode.class.getName());

    private final DurableLog log;
    private final Mailbox mailbox;
    private final Executor thread;
    private final Fence fence;

    EntryFetcher(DurableLog log, Mailbox mailbox, Executor thread, Fence fence) {
        this.fence = fence;
        this.log = log;
        this.mailbox = mailbox;
        this.thread = thread;
    }

    @Override
    public void accept(Output.Fetch fetch) {
        thread.execute(() -> read(fetch));
    }

    private void read(Output.Fetch fetch) {
        List<Entry> entries;
        try {
            entries = log.read(fetch.fromIndex(), fetch.toIndex(), fetch.maxBytes());
        } catch (DurableLog.CompactedException e) {
            // Ordinary: a snapshot was taken meanwhile, and the follower will be offered that one.
            mailbox.tell(raft -> raft.fetchFailed(fetch));
            return;
        } catch (DurableLog.DamagedException e) {
            fence.stopNode("the log is damaged; start this member again, and it gets from the others what is lost", e);
            return;
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "could not read log entries " + fetch.fromIndex() + " to " + fetch.toIndex() + " for "
                            + fetch.follower() + ": " + e);
            mailbox.tell(raft -> raft.fetchFailed(fetch));
            return;
        }
        mailbox.tell(raft -> raft.fetched(fetch, entries));
    }
}
