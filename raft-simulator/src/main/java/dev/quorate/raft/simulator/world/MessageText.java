package dev.quorate.raft.simulator.world;

import dev.quorate.raft.model.Message;
import java.util.stream.Collectors;

/** Messages as a trace shows them: short, with the words of the protocol. */
final class MessageText {

    private MessageText() {}

    static String of(Message message) {
        String text;
        if (message instanceof Message.AppendEntries append) {
            text = "prev=" + append.prevLogIndex() + "@" + append.prevLogTerm() + " commit=" + append.leaderCommit()
                    + " ["
                    + append.entries().stream()
                            .map(entry -> entry.id().toString())
                            .collect(Collectors.joining(" "))
                    + "]";
        } else if (message instanceof Message.Propose propose) {
            text = "incarnation=" + propose.incarnation() + " batch=" + propose.batch() + " count="
                    + propose.payloads().size();
        } else if (message instanceof Message.InstallSnapshot install) {
            text = install.snapshot().lastIncluded() + " at " + install.source();
        } else {
            text = fieldsAfterTerm(message.toString());
        }
        return message.getClass().getSimpleName() + " " + message.from() + "→" + message.to() + " term="
                + message.term() + (text.isEmpty() ? "" : " " + text);
    }

    private static String fieldsAfterTerm(String record) {
        int start = record.indexOf(", ", record.indexOf(" term="));
        return start < 0 ? "" : record.substring(start + 2, record.length() - 1);
    }
}
