package dev.quorate.raft.simulator.world;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.SnapshotMeta;
import dev.quorate.raft.session.SessionCommand;
import dev.quorate.raft.session.SessionTable;
import dev.quorate.raft.session.SessionVerdict;
import dev.quorate.raft.simulator.observe.Hashing;
import dev.quorate.raft.simulator.observe.NamedCommand;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Registers, and the sessions of those who put into them. A put is answered with what was there before. */
final class SessionStore extends Replica {

    /** Hears what became of each command. */
    @FunctionalInterface
    interface Decided {
        /** @param answer of the register, null if the command did not run */
        void decided(long index, @Nullable SessionCommand command, SessionVerdict verdict, byte @Nullable [] answer);
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record State(long[] values, List<SessionTable.Change> records) {}

    private final Consumer<Image> flush;
    private final BooleanSupplier mayFlush;
    private final Decided decided;
    private final SessionTable table = new SessionTable();
    private long[] values = new long[RegisterStore.KEYS];
    private long hash;

    SessionStore(SnapshotMeta position, Consumer<Image> flush, BooleanSupplier mayFlush, Decided decided) {
        super(position);
        this.flush = flush;
        this.mayFlush = mayFlush;
        this.decided = decided;
    }

    SessionTable table() {
        return table;
    }

    @Override
    public void apply(List<Entry> batch, Applied applied) {
        for (Entry entry : batch) {
            if (entry.type() == Entry.Type.COMMAND) {
                apply(entry);
            }
            moveTo(entry);
            applied.applied(entry, hash);
        }
        table.takeChanges();
        if (mayFlush.getAsBoolean()) {
            flush.accept(image());
        }
    }

    private void apply(Entry entry) {
        SessionCommand command = SessionCommand.decode(NamedCommand.command(entry.payload()));
        SessionVerdict verdict = table.decide(entry.index(), command);
        byte[] answer = null;
        if (verdict instanceof SessionVerdict.Run run) {
            int key = ByteBuffer.wrap(run.command()).getInt();
            answer = ByteBuffer.allocate(Long.BYTES).putLong(values[key]).array();
            values[key] = NamedCommand.name(entry.payload());
            hash = Hashing.mix(Hashing.mix(hash, key), values[key]);
            if (run.session() != 0) {
                table.remember(run.session(), run.sequence(), answer);
            }
        }
        hash = Hashing.mix(hash, table.nowMillis());
        decided.decided(entry.index(), command, verdict, answer);
    }

    @Override
    public Image snapshot() {
        Image image = image();
        flush.accept(image);
        return image;
    }

    private Image image() {
        return new Image(position(), hash, new State(values.clone(), table.records()));
    }

    @Override
    protected void load(Image image) {
        State state = (State) image.content();
        values = Arrays.copyOf(state.values(), state.values().length);
        table.load(state.records());
        hash = image.hash();
        flush.accept(image);
    }

    @Override
    public void crash() {}

    @Override
    public long hash() {
        return hash;
    }
}
