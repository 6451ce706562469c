package dev.quorate.raft.simulator.world;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.SnapshotMeta;
import dev.quorate.raft.simulator.observe.Hashing;
import dev.quorate.raft.simulator.observe.RegisterCommand;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** A few registers, and a hash of all that ever happened to them. */
final class RegisterStore extends Replica {

    static final int KEYS = 16;

    private final Consumer<Image> flush;
    private final BooleanSupplier mayFlush;
    private long[] values = new long[KEYS];
    private long hash;

    /**
     * @param flush makes what it is given survive a crash
     * @param mayFlush is asked after each batch
     */
    RegisterStore(SnapshotMeta position, Consumer<Image> flush, BooleanSupplier mayFlush) {
        super(position);
        this.flush = flush;
        this.mayFlush = mayFlush;
    }

    @Override
    public void apply(List<Entry> batch, Applied applied) {
        for (Entry entry : batch) {
            if (entry.type() == Entry.Type.COMMAND) {
                RegisterCommand command = RegisterCommand.decode(entry.payload());
                values[command.key()] = command.value();
                hash = Hashing.mix(Hashing.mix(hash, command.key()), command.value());
            }
            moveTo(entry);
            applied.applied(entry, hash);
        }
        if (mayFlush.getAsBoolean()) {
            flush.accept(image());
        }
    }

    @Override
    public Image snapshot() {
        Image image = image();
        flush.accept(image);
        return image;
    }

    private Image image() {
        return new Image(position(), hash, values.clone());
    }

    @Override
    protected void load(Image image) {
        values = ((long[]) image.content()).clone();
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
