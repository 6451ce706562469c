package dev.quorate.kv.command;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import dev.quorate.kv.api.KeyValue;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.RangeResponse;
import dev.quorate.kv.api.ResponseHeader;
import dev.quorate.kv.mvcc.KvException;
import dev.quorate.kv.mvcc.MvccStore;
import dev.quorate.kv.mvcc.RangeResult;
import dev.quorate.kv.mvcc.StoreOptions;
import dev.quorate.raft.model.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A state machine on a real directory, fed from a log that survives its crashes. */
final class StoreUnderTest implements AutoCloseable {

    static final long MEMBER = 42;

    private final Path root;
    private final StoreOptions options;
    private final List<Entry> log = new ArrayList<>();
    private MvccStore store;
    private KvStateMachine machine;
    private int snapshots;

    StoreUnderTest(Path root, StoreOptions options) throws IOException {
        this.root = root;
        this.options = options;
        this.store = MvccStore.open(root.resolve("store"), options);
        this.machine = new KvStateMachine(store, MEMBER);
    }

    /** Small enough that keys share slots, memory is written to disk, and nothing fits in a row buffer by accident. */
    static StoreOptions smallOptions() {
        return new StoreOptions(64 << 10, 256 << 10, 2);
    }

    MvccStore store() {
        return store;
    }

    /** Adds a command to the log without applying it. */
    void append(Command.Kind kind, MessageLite request) {
        append(Command.of(kind, MEMBER, request.toByteArray()));
    }

    void append(byte[] command) {
        log.add(Entry.command(log.size() + 1, 1, command));
    }

    void appendNoOp() {
        log.add(Entry.noOp(log.size() + 1, 1));
    }

    /** Applies what was appended, in one batch. */
    List<CommandResult> applyAll() {
        return machine.apply(List.copyOf(log.subList((int) machine.appliedIndex(), log.size())));
    }

    CommandResult apply(Command.Kind kind, MessageLite request) {
        append(kind, request);
        List<CommandResult> results = applyAll();
        return results.get(results.size() - 1);
    }

    RangeResponse range(RangeRequest request) throws KvException {
        return response(store.range(request));
    }

    static RangeResponse response(RangeResult result) {
        RangeResponse.Builder response = RangeResponse.newBuilder()
                .setHeader(ResponseHeader.newBuilder().setRevision(result.revision()))
                .setCount(result.count())
                .setMore(result.more());
        result.pairs().forEach(pair -> response.addKvs(keyValue(pair)));
        return response.build();
    }

    static KeyValue keyValue(byte[] pair) {
        try {
            return KeyValue.parseFrom(pair);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("a pair is no KeyValue", e);
        }
    }

    /** Loses what is not on disk; the log does not. */
    void crash() throws IOException {
        store.close();
        store = MvccStore.open(root.resolve("store"), options);
        machine = new KvStateMachine(store, MEMBER);
        applyAll();
    }

    void snapshotAndRestore() throws IOException {
        Path snapshot = Files.createDirectories(root.resolve("snapshot-" + ++snapshots));
        machine.snapshot(snapshot);
        machine.restore(snapshot, machine.appliedIndex());
    }

    /** Another member that applies the same log, as one batch. */
    String digestOfReplay(Path directory) throws IOException {
        try (MvccStore other = MvccStore.open(directory, options)) {
            new KvStateMachine(other, MEMBER + 1).apply(log);
            return other.digest();
        }
    }

    @Override
    public void close() {
        store.close();
    }
}
