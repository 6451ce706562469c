package dev.quorate.raft;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** What members say, write and decide, in the words of a transcript. */
final class Words {

    private static final long REQUEST_MASK = (1L << 40) - 1;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private Words() {}

    static String of(Message message) {
        return message.from() + " -> " + message.to() + "  [term " + message.term() + "] "
                + message.getClass().getSimpleName() + " " + content(message);
    }

    private static String content(Message message) {
        if (message instanceof Message.PreVote m) {
            return "for term " + m.candidateTerm() + ", log ends at " + id(m.lastLogIndex(), m.lastLogTerm());
        } else if (message instanceof Message.PreVoteResult m) {
            return (m.voteGranted() ? "yes" : "no") + " for term " + m.candidateTerm();
        } else if (message instanceof Message.RequestVote m) {
            return "log ends at " + id(m.lastLogIndex(), m.lastLogTerm())
                    + (m.leadershipTransfer() ? ", the leader asked for it" : "");
        } else if (message instanceof Message.RequestVoteResult m) {
            return m.voteGranted() ? "yes" : "no";
        } else if (message instanceof Message.AppendEntries m) {
            return "after " + id(m.prevLogIndex(), m.prevLogTerm())
                    + (m.entries().isEmpty() ? "" : ": " + inShort(m.entries())) + "; commit " + m.leaderCommit();
        } else if (message instanceof Message.AppendEntriesAccepted m) {
            return "up to " + m.matchIndex();
        } else if (message instanceof Message.AppendEntriesRejected m) {
            return "after " + m.prevLogIndex() + "; the logs could agree at " + id(m.hintIndex(), m.hintTerm());
        } else if (message instanceof Message.Heartbeat m) {
            return "round " + m.round() + "; commit " + m.leaderCommit()
                    + (m.promiseNanos() > 0 ? "; promise me " + m.promiseNanos() / NANOS_PER_MILLI + " ms" : "");
        } else if (message instanceof Message.HeartbeatResult m) {
            return "round " + m.round() + (m.promisedNanos() > 0 ? ", promised" : "");
        } else if (message instanceof Message.InstallSnapshot m) {
            return m.snapshot().lastIncluded() + ", " + m.source() + " has it";
        } else if (message instanceof Message.InstallSnapshotResult m) {
            return m.lastIncludedIndex() + (m.installed() ? " installed" : " not installed");
        } else if (message instanceof Message.ReadIndex m) {
            return "question " + (m.request() & REQUEST_MASK) + (m.byLease() ? ", by lease if you can" : "");
        } else if (message instanceof Message.ReadIndexResult m) {
            return "question " + (m.request() & REQUEST_MASK) + ": " + m.outcome()
                    + (m.outcome() == Message.ReadIndexResult.Outcome.CONFIRMED ? " at " + m.readIndex() : "");
        } else if (message instanceof Message.Propose m) {
            return "batch " + m.batch() + ": "
                    + m.payloads().stream().map(Words::text).collect(Collectors.joining(", "));
        } else if (message instanceof Message.ProposeResult m) {
            return "batch " + m.batch() + ": " + m.accepted() + " accepted"
                    + (m.accepted() == 0 ? "" : ", the first at " + m.firstIndex());
        }
        return "campaign now"; // TimeoutNow
    }

    /** What a batch of verbs led to at one member, without the messages that it sends. */
    static List<String> of(NodeId node, Output output) {
        List<String> lines = new ArrayList<>();
        if (output.roleChange() != null) {
            lines.add(node + " " + role(Objects.requireNonNull(output.roleChange()), node));
        }
        output.accepted().forEach(a -> lines.add(node + " has proposal " + a.proposalId() + " at " + a.position()));
        output.changes().forEach(a -> lines.add(node + " has change " + a.proposalId() + " at " + a.position()));
        if (output.persist() != null) {
            String write = write(Objects.requireNonNull(output.persist()));
            if (!write.isEmpty()) {
                lines.add(node + " writes " + write);
            }
        }
        output.fetch()
                .forEach(fetch -> lines.add(node + " reads " + fetch.fromIndex() + ".." + fetch.toIndex()
                        + " from its disk for " + fetch.follower()));
        if (output.apply() != null) {
            String applied = inShort(Objects.requireNonNull(output.apply()).entries());
            lines.add(node + " applies up to "
                    + Objects.requireNonNull(output.apply()).lastIndex() + (applied.isEmpty() ? "" : ": " + applied));
        }
        if (output.install() != null) {
            Output.Install install = Objects.requireNonNull(output.install());
            lines.add(node + " fetches snapshot " + install.snapshot().lastIncluded() + " from " + install.source());
        }
        output.reads()
                .forEach(read -> lines.add(
                        node + " serves read " + read.readId() + " once " + read.readIndex() + " is applied"));
        output.rejected()
                .forEach(no -> lines.add(node + " refuses "
                        + no.kind().name().toLowerCase(Locale.ROOT) + " " + no.id() + ": " + no.reason()
                        + (no.reason().isDefinite() ? ", nothing happened" : ", it may have happened")));
        output.transferred().forEach(id -> lines.add(node + " says that transfer " + id + " is done"));
        if (output.fenced() != null) {
            lines.add(node + " stops: " + output.fenced());
        }
        return lines;
    }

    private static String role(Output.RoleChange now, NodeId self) {
        String leader = now.leader() == null
                ? "nobody"
                : now.leader().equals(self) ? "itself" : now.leader().value();
        return switch (now.role()) {
            case LEADER -> "leads term " + now.term();
            case CANDIDATE -> "is a candidate, in term " + now.term();
            case FOLLOWER -> "follows " + leader + " in term " + now.term();
            case LEARNER -> "learns from " + leader + " in term " + now.term();
        };
    }

    private static String write(Persist persist) {
        List<String> parts = new ArrayList<>();
        if (persist.resetTo() != null) {
            parts.add("a log that starts after " + persist.resetTo().lastIncluded());
        }
        if (persist.hardState() != null) {
            NodeId vote = persist.hardState().votedFor();
            parts.add("term " + persist.hardState().term() + (vote == null ? "" : " and its vote for " + vote));
        }
        if (!persist.entries().isEmpty()) {
            parts.add(entries(persist.entries()));
        }
        if (persist.compactThrough() != null) {
            parts.add("that the log is cut up to " + persist.compactThrough().index());
        }
        return String.join("; ", parts);
    }

    static String entries(List<Entry> entries) {
        return entries.stream().map(Words::entry).collect(Collectors.joining(", "));
    }

    /** Of a membership only that it is one: it was told when it was written. */
    private static String inShort(List<Entry> entries) {
        return entries.stream()
                .map(entry -> entry.type() == Entry.Type.MEMBERSHIP ? entry.id() + " membership" : entry(entry))
                .collect(Collectors.joining(", "));
    }

    private static String entry(Entry entry) {
        return entry.id() + " "
                + switch (entry.type()) {
                    case COMMAND -> text(entry.payload());
                    case NO_OP -> "no-op";
                    case MEMBERSHIP -> membership(Membership.decode(entry.payload()));
                };
    }

    private static String membership(Membership membership) {
        return "voters " + set(membership.voters())
                + (membership.isJoint() ? " and, jointly, " + set(membership.outgoing()) : "")
                + (membership.learners().isEmpty() ? "" : " learners " + set(membership.learners()))
                + (membership.votersNext().isEmpty() ? "" : " wanted voters " + set(membership.votersNext()));
    }

    private static String set(Set<NodeId> members) {
        return members.stream().map(NodeId::value).collect(Collectors.joining(" ", "{", "}"));
    }

    private static String id(long index, long term) {
        return new EntryId(index, term).toString();
    }

    private static String text(byte[] payload) {
        return '"' + new String(payload, StandardCharsets.UTF_8) + '"';
    }
}
