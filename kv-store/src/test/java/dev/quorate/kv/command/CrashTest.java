package dev.quorate.kv.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.DeleteRangeRequest;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.mvcc.MvccStore;
import dev.quorate.raft.model.Entry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a crash takes away comes again from the log, and only once. */
final class CrashTest {

    private static final int ENTRIES = 4_000;
    private static final int BATCH = 40;

    @TempDir
    private Path root;

    @Test
    void whatACrashTookAwayIsAppliedAgainFromTheAppliedIndexOn() throws Exception {
        List<Entry> log = log();
        Path directory = root.resolve("store");
        boolean hasLost = false;
        for (int end = ENTRIES / 5; end <= ENTRIES; end += ENTRIES / 5) {
            try (MvccStore store = MvccStore.open(directory, StoreUnderTest.smallOptions())) {
                KvStateMachine machine = new KvStateMachine(store, 1);
                int applied = (int) machine.appliedIndex();
                assertTrue(applied < end, "applied " + applied + " at the start");
                hasLost |= applied < end - ENTRIES / 5;
                while (applied < end) {
                    int next = Math.min(applied + BATCH, end);
                    machine.apply(log.subList(applied, next));
                    applied = next;
                }
            }
        }
        try (MvccStore crashed = MvccStore.open(directory, StoreUnderTest.smallOptions());
                MvccStore untouched = MvccStore.open(root.resolve("other"), StoreUnderTest.smallOptions())) {
            new KvStateMachine(crashed, 1)
                    .apply(log.subList((int) crashed.state().appliedIndex(), ENTRIES));
            new KvStateMachine(untouched, 1).apply(log);
            assertTrue(hasLost, "some crash took something away");
            assertEquals(untouched.digest(), crashed.digest());
        }
    }

    @Test
    void whatASnapshotCoversSurvivesACrash() throws Exception {
        List<Entry> log = log();
        Path snapshot = Files.createDirectories(root.resolve("snapshot"));
        try (MvccStore store = MvccStore.open(root.resolve("store"), StoreUnderTest.smallOptions())) {
            KvStateMachine machine = new KvStateMachine(store, 1);
            machine.apply(log.subList(0, 33));

            machine.snapshot(snapshot);

            machine.apply(log.subList(33, 40));
        }
        try (MvccStore store = MvccStore.open(root.resolve("store"), StoreUnderTest.smallOptions())) {
            assertTrue(store.state().appliedIndex() >= 33, store.state().toString());
        }
    }

    private static List<Entry> log() {
        List<Entry> log = new ArrayList<>();
        for (int i = 1; i <= ENTRIES; i++) {
            ByteString key = ByteString.copyFromUtf8("k" + i % 97);
            byte[] command = i % 11 == 0
                    ? Command.of(
                            Command.Kind.DELETE_RANGE,
                            1,
                            DeleteRangeRequest.newBuilder().setKey(key).build().toByteArray())
                    : Command.of(
                            Command.Kind.PUT,
                            1,
                            PutRequest.newBuilder()
                                    .setKey(key)
                                    .setValue(ByteString.copyFrom(new byte[i % 300]))
                                    .build()
                                    .toByteArray());
            log.add(i % 50 == 0 ? Entry.noOp(i, 1) : Entry.command(i, 1, command));
        }
        return log;
    }
}
