package dev.quorate.raft.runtime;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.session.SessionCommand;
import dev.quorate.raft.session.SessionLimits;
import dev.quorate.raft.session.SessionTable;
import dev.quorate.raft.session.SessionVerdict;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An embedder's state machine with the sessions of its clients around it: of the tries of one command, only the first reaches
 * the state machine. Every entry is a {@link SessionCommand}, from the group's first entry on.
 *
 * <p>Around a state machine in memory the sessions live in memory too, and both are what the snapshot and the log after it
 * make of them. Around a {@link SessionKeeping} one, it keeps their records.
 *
 * @param <R> what the embedder's state machine answers
 */
public final class SessionStateMachine<R> implements StateMachine<SessionAnswer<R>> {

    private static final String MACHINE = "machine";
    private static final String SESSIONS = "sessions";

    private final StateMachine<R> machine;
    private final @Nullable SessionKeeping<R> keeping;
    private final AnswerCodec<R> codec;
    private final SessionTable table = new SessionTable();
    /** What the clock of the member looks at, from its own thread. */
    private volatile Glance glance = new Glance(0, 0, SessionLimits.DEFAULT);

    /** @param logTimeMillis see {@link SessionTable#nowMillis} */
    record Glance(long logTimeMillis, int sessions, SessionLimits limits) {}

    private SessionStateMachine(StateMachine<R> machine, @Nullable SessionKeeping<R> keeping, AnswerCodec<R> codec) {
        this.machine = machine;
        this.keeping = keeping;
        this.codec = codec;
        loadKept();
    }

    /** Around a state machine whose state is made from snapshot and log at each start. */
    public static <R> SessionStateMachine<R> of(InMemoryStateMachine<R> machine, AnswerCodec<R> codec) {
        return new SessionStateMachine<>(machine, null, codec);
    }

    /** Around a state machine that keeps files. */
    public static <R> SessionStateMachine<R> of(SessionKeeping<R> machine, AnswerCodec<R> codec) {
        return new SessionStateMachine<>(machine, machine, codec);
    }

    /** The state machine inside. */
    public StateMachine<R> machine() {
        return machine;
    }

    /** Any thread; of some moment, a little late. */
    Glance glance() {
        return glance;
    }

    private void loadKept() {
        if (keeping != null) {
            table.load(keeping.sessionRecords());
        }
        look();
    }

    private void look() {
        glance = new Glance(table.nowMillis(), table.size(), table.limits());
    }

    @Override
    public long appliedIndex() {
        return machine.appliedIndex();
    }

    @Override
    public List<SessionAnswer<R>> apply(List<Entry> entries) {
        Batch batch = new Batch(entries.size());
        for (Entry entry : entries) {
            batch.add(entry);
        }
        batch.apply();
        look();
        return batch.answers;
    }

    /** Entries on their way through the state machine. A try of a command that is in it already ends it. */
    private final class Batch {
        final List<@Nullable SessionAnswer<R>> answers;
        private final List<Entry> entries = new ArrayList<>();
        private final List<SessionVerdict.@Nullable Run> runs = new ArrayList<>();

        Batch(int size) {
            answers = new ArrayList<>(size);
        }

        void add(Entry entry) {
            if (entry.type() != Entry.Type.COMMAND) {
                take(entry, null, null);
                return;
            }
            SessionCommand command = SessionCommand.decode(entry.payload());
            SessionVerdict verdict = table.decide(entry.index(), command);
            if (verdict instanceof SessionVerdict.Running) {
                apply();
                verdict = table.decide(entry.index(), command);
            }
            if (verdict instanceof SessionVerdict.Run run) {
                take(Entry.command(entry.index(), entry.term(), run.command()), run, null);
            } else {
                take(Entry.noOp(entry.index(), entry.term()), null, answer(verdict));
            }
        }

        private void take(Entry entry, SessionVerdict.@Nullable Run run, @Nullable SessionAnswer<R> answer) {
            entries.add(entry);
            runs.add(run);
            answers.add(answer);
        }

        void apply() {
            if (entries.isEmpty()) {
                return;
            }
            List<R> results;
            if (keeping != null) {
                Once once = new Once();
                results = keeping.apply(List.copyOf(entries), once::changes);
                if (once.changes == null) {
                    throw new IllegalStateException("the state machine applied up to "
                            + entries.get(entries.size() - 1)
                            + " without asking what changed of the sessions, which it must write with the effects");
                }
            } else {
                results = machine.apply(List.copyOf(entries));
                remember(results);
                table.takeChanges();
            }
            int first = answers.size() - entries.size();
            for (int i = 0; i < entries.size(); i++) {
                if (runs.get(i) != null) {
                    answers.set(first + i, new SessionAnswer.Applied<>(results.get(i), false));
                }
            }
            entries.clear();
            runs.clear();
        }

        private void remember(List<R> results) {
            if (results.size() != entries.size()) {
                throw new IllegalStateException("the state machine answered " + entries.size() + " entries with "
                        + results.size() + " results; apply must return one for each");
            }
            for (int i = 0; i < results.size(); i++) {
                SessionVerdict.Run run = runs.get(i);
                if (run != null && run.session() != 0) {
                    table.remember(run.session(), run.sequence(), codec.encode(results.get(i)));
                }
            }
        }

        /** The state machine may ask twice; it gets the same. */
        private final class Once {
            private @Nullable List<SessionTable.Change> changes;

            List<SessionTable.Change> changes(List<R> results) {
                List<SessionTable.Change> known = changes;
                if (known == null) {
                    remember(results);
                    known = table.takeChanges();
                    changes = known;
                }
                return known;
            }
        }
    }

    private SessionAnswer<R> answer(SessionVerdict verdict) {
        if (verdict instanceof SessionVerdict.Repeated repeated) {
            byte[] bytes = repeated.answer();
            return bytes == null
                    ? new SessionAnswer.NotKept<>()
                    : new SessionAnswer.Applied<>(codec.decode(bytes.clone()), true);
        } else if (verdict instanceof SessionVerdict.Opened opened) {
            return new SessionAnswer.Opened<>(opened.session());
        } else if (verdict instanceof SessionVerdict.Refused refused) {
            return new SessionAnswer.Refused<>(refused.why());
        }
        return new SessionAnswer.Done<>();
    }

    @Override
    public void snapshot(Path directory) throws IOException {
        if (keeping != null) {
            keeping.snapshot(directory);
            return;
        }
        machine.snapshot(Files.createDirectory(directory.resolve(MACHINE)));
        Path file = directory.resolve(SESSIONS);
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
            List<SessionTable.Change> records = table.records();
            out.writeInt(records.size());
            for (SessionTable.Change each : records) {
                byte[] value = each.value() == null ? new byte[0] : each.value();
                out.writeLong(each.key());
                out.writeInt(value.length);
                out.write(value);
            }
        }
        DurableFiles.sync(file);
    }

    @Override
    public void restore(Path directory, long appliedIndex) throws IOException {
        if (keeping != null) {
            keeping.restore(directory, appliedIndex);
            loadKept();
            return;
        }
        List<SessionTable.Change> records = new ArrayList<>();
        try (DataInputStream in =
                new DataInputStream(new BufferedInputStream(Files.newInputStream(directory.resolve(SESSIONS))))) {
            for (int left = in.readInt(); left > 0; left--) {
                records.add(new SessionTable.Change(in.readLong(), in.readNBytes(in.readInt())));
            }
        }
        machine.restore(directory.resolve(MACHINE), appliedIndex);
        table.load(records);
        look();
    }

    @Override
    public void close() {
        machine.close();
    }
}
