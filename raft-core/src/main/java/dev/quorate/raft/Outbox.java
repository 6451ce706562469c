package dev.quorate.raft;

import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.Message.AppendEntriesAccepted;
import dev.quorate.raft.model.NodeId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What has gathered for the next {@link Output}. */
final class Outbox {

    private List<Message> free = new ArrayList<>();
    private List<Message> gated = new ArrayList<>();
    private List<Output.Accepted> accepted = new ArrayList<>();
    private List<Output.Accepted> changes = new ArrayList<>();
    private List<Output.Fetch> fetches = new ArrayList<>();
    private List<Output.ReadState> reads = new ArrayList<>();
    private List<Output.Rejected> rejected = new ArrayList<>();
    private List<Long> transferred = new ArrayList<>();
    private Output.@Nullable Install install;

    void sendAtOnce(Message message) {
        free.add(message);
    }

    /** Holds a message until everything written before it is durable. */
    void sendWhenDurable(Message message) {
        // Of the acknowledgements of one batch the last says all: one message instead of one per append.
        if (message instanceof AppendEntriesAccepted now
                && !gated.isEmpty()
                && gated.get(gated.size() - 1) instanceof AppendEntriesAccepted before
                && before.to().equals(now.to())
                && before.term() == now.term()) {
            if (now.matchIndex() > before.matchIndex()) {
                gated.set(gated.size() - 1, now);
            }
            return;
        }
        gated.add(message);
    }

    void accepted(Output.Accepted position) {
        accepted.add(position);
    }

    void acceptedChange(Output.Accepted position) {
        changes.add(position);
    }

    void transferred(long id) {
        transferred.add(id);
    }

    void fetch(Output.Fetch fetch) {
        fetches.add(fetch);
    }

    void readState(long readId, long readIndex) {
        reads.add(new Output.ReadState(readId, readIndex));
    }

    void rejectedProposal(long id, Output.Reason reason, @Nullable NodeId leader) {
        rejected.add(new Output.Rejected(Output.Rejected.Kind.PROPOSAL, id, reason, leader));
    }

    void rejectedRead(long id, Output.Reason reason, @Nullable NodeId leader) {
        rejected.add(new Output.Rejected(Output.Rejected.Kind.READ, id, reason, leader));
    }

    void rejected(Output.Rejected.Kind kind, long id, Output.Reason reason, @Nullable NodeId leader) {
        rejected.add(new Output.Rejected(kind, id, reason, leader));
    }

    void install(Output.Install what) {
        install = what;
    }

    boolean hasGated() {
        return !gated.isEmpty();
    }

    List<Message> takeGated() {
        List<Message> taken = gated;
        gated = renewed(taken);
        return handedOut(taken);
    }

    Output drain(
            @Nullable Persist persist,
            Output.@Nullable Apply apply,
            Output.@Nullable RoleChange roleChange,
            @Nullable String fenced) {
        Output output = new Output(
                handedOut(free),
                persist,
                handedOut(accepted),
                handedOut(changes),
                apply,
                handedOut(fetches),
                install,
                handedOut(reads),
                handedOut(rejected),
                handedOut(transferred),
                roleChange,
                fenced);
        free = renewed(free);
        accepted = renewed(accepted);
        changes = renewed(changes);
        fetches = renewed(fetches);
        reads = renewed(reads);
        rejected = renewed(rejected);
        transferred = renewed(transferred);
        install = null;
        return output;
    }

    /** What was handed out belongs to the driver: gather into a new list. */
    private static <T> List<T> renewed(List<T> list) {
        return list.isEmpty() ? list : new ArrayList<>();
    }

    private static <T> List<T> handedOut(List<T> list) {
        return list.isEmpty() ? List.of() : list;
    }
}
