package dev.quorate.raft.simulator.world;

import dev.quorate.raft.Output;
import dev.quorate.raft.Persist;
import dev.quorate.raft.RaftStatus;
import dev.quorate.raft.model.Entry;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a batch brought about, as a trace shows it. */
final class OutputText {

    private OutputText() {}

    static List<String> lines(Output output, @Nullable RaftStatus before, RaftStatus after) {
        List<String> lines = new ArrayList<>();
        if (output.roleChange() != null || before == null || before.commitIndex() != after.commitIndex()) {
            lines.add(after.role() + " term=" + after.term() + " leader=" + after.leader() + " last="
                    + after.lastIndex() + " durable=" + after.durableIndex() + " commit=" + after.commitIndex()
                    + " applied=" + after.appliedIndex());
        }
        output.send().forEach(message -> lines.add("→ " + MessageText.of(message)));
        if (before == null || !before.membership().equals(after.membership())) {
            lines.add("membership " + after.membership());
        }
        Persist write = output.persist();
        if (write != null) {
            lines.add(ofWrite(write));
            write.unlocks().forEach(message -> lines.add("⇥ " + MessageText.of(message)));
        }
        if (output.apply() != null) {
            lines.add("may apply up to " + output.apply().lastIndex());
        }
        output.fetch().forEach(fetch -> lines.add(fetch.toString()));
        if (output.install() != null) {
            lines.add("installs " + output.install().snapshot().lastIncluded() + " from "
                    + output.install().source());
        }
        output.reads().forEach(read -> lines.add(read.toString()));
        output.accepted().forEach(accepted -> lines.add(accepted.toString()));
        output.changes().forEach(accepted -> lines.add("change " + accepted));
        output.transferred().forEach(id -> lines.add("transfer " + id + " is done"));
        output.rejected().forEach(rejected -> lines.add(rejected.toString()));
        return lines;
    }

    private static String ofWrite(Persist write) {
        StringBuilder text = new StringBuilder("writes number ")
                .append(write.mark().number())
                .append(" up to ")
                .append(write.mark().lastIndex());
        if (write.hardState() != null) {
            text.append(", ").append(write.hardState());
        }
        if (write.resetTo() != null) {
            text.append(", log starts after ").append(write.resetTo().lastIncluded());
        }
        List<Entry> entries = write.entries();
        if (!entries.isEmpty()) {
            text.append(", entries ").append(entries.get(0).id());
            text.append("..").append(entries.get(entries.size() - 1).id());
        }
        if (write.compactThrough() != null) {
            text.append(", compact through ").append(write.compactThrough().lastIncluded());
        }
        return text.toString();
    }
}
