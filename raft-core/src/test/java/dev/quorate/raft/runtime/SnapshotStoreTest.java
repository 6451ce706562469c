package dev.quorate.raft.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What has its final name is whole; the newest stays, and what is being read stays as well. */
final class SnapshotStoreTest {

    private static final Membership MEMBERS = Membership.of(List.of(NodeId.of("n1"), NodeId.of("n2")));

    @TempDir
    Path directory;

    private SnapshotStore store;
    private long nowNanos;

    @BeforeEach
    void open() throws IOException {
        store = SnapshotStore.open(directory, () -> nowNanos);
    }

    private static SnapshotMeta meta(long index) {
        return new SnapshotMeta(new EntryId(index, 3), MEMBERS);
    }

    private void commit(long index, String content) throws IOException {
        SnapshotStore.Draft draft = store.draft();
        Files.createDirectories(draft.files().resolve("sub"));
        Files.writeString(draft.files().resolve("sub").resolve("state"), content);
        store.commit(draft, meta(index));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> children = Files.list(directory.resolve("snapshots"))) {
            return children.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    private static String content(Path files) throws IOException {
        return Files.readString(files.resolve("sub").resolve("state"));
    }

    @Test
    void aCommittedSnapshotIsThereAfterARestart() throws IOException {
        commit(10, "ten");

        open();

        assertEquals(meta(10), store.newest());
        try (SnapshotStore.Lease lease = store.lease(new EntryId(10, 3))) {
            assertEquals("ten", content(lease.directory()));
            assertEquals(meta(10), lease.meta());
        }
    }

    @Test
    void whatWasNotFinishedIsSweptAway() throws IOException {
        SnapshotStore.Draft draft = store.draft();
        Files.writeString(draft.files().resolve("half"), "x");

        open();

        assertNull(store.newest());
        assertEquals(List.of(), names());
    }

    @Test
    void theNewestReplacesOlderOnesUnlessSomebodyReadsThem() throws IOException {
        commit(10, "ten");
        SnapshotStore.Lease reading = store.lease(new EntryId(10, 3));
        commit(20, "twenty");
        assertEquals("ten", content(reading.directory()));
        assertEquals(List.of("10-3", "20-3"), names());

        reading.close();
        reading.close();

        assertEquals(List.of("20-3"), names());
        assertEquals(meta(20), store.newest());
        assertThrows(IOException.class, () -> store.lease(new EntryId(10, 3)));
    }

    @Test
    void anOlderOneThatComesLateIsNotKept() throws IOException {
        commit(20, "twenty");
        commit(10, "ten");

        assertEquals(List.of("20-3"), names());
    }

    @Test
    void theSameSnapshotTwiceIsOneSnapshot() throws IOException {
        commit(10, "ten");
        SnapshotStore.Lease reading = store.lease(new EntryId(10, 3));
        commit(10, "ten again");

        assertEquals("ten", content(reading.directory()));
        assertEquals(List.of("10-3"), names());
    }

    @Test
    void aDamagedManifestMakesItNoSnapshot() throws IOException {
        commit(10, "ten");
        Path manifest = directory.resolve("snapshots").resolve("10-3").resolve("manifest");
        byte[] bytes = Files.readAllBytes(manifest);
        bytes[9] ^= 1;
        Files.write(manifest, bytes);

        open();

        assertNull(store.newest());
        assertTrue(Files.exists(manifest), "left for the operator");
        commit(10, "ten, from a peer");
        assertEquals(meta(10), store.newest());
    }

    @Test
    void aMissingOrCutFileMakesItNoSnapshot() throws IOException {
        commit(10, "ten");
        Path state = directory
                .resolve("snapshots")
                .resolve("10-3")
                .resolve("files")
                .resolve("sub")
                .resolve("state");
        Files.writeString(state, "te");
        open();
        assertNull(store.newest());

        Files.delete(state);
        open();
        assertNull(store.newest());
    }

    @Test
    void aScratchCopyMayBeMovedAwayWithoutHarm() throws IOException {
        commit(10, "ten");
        try (SnapshotStore.Lease lease = store.lease(new EntryId(10, 3))) {
            Path scratch = store.scratchCopy(lease);
            Files.move(scratch.resolve("sub").resolve("state"), directory.resolve("taken"));
            store.delete(scratch);

            assertFalse(Files.exists(scratch));
            assertEquals("ten", content(lease.directory()));
        }
    }

    @Test
    void whatAPeerWasFetchingStaysForAWhileAfterItLeft() throws IOException {
        commit(10, "ten");
        SnapshotStore.Lease fetching = store.serve(new EntryId(10, 3));
        commit(20, "twenty");
        fetching.close();
        commit(30, "thirty");
        assertEquals(List.of("10-3", "30-3"), names());

        store.serve(new EntryId(10, 3)).close(); // it comes back, and leaves for good
        nowNanos += SnapshotStore.LINGER_NANOS;
        commit(40, "forty");

        assertEquals(List.of("40-3"), names());
    }

    @Test
    void onlyTheLastOneThatWasFetchedStays() throws IOException {
        commit(10, "ten");
        store.serve(new EntryId(10, 3)).close();
        commit(20, "twenty");
        store.serve(new EntryId(20, 3)).close();
        commit(30, "thirty");

        assertEquals(List.of("20-3", "30-3"), names());
    }

    private static String hashOf(SnapshotStore.Lease lease, String name) {
        return lease.files().stream()
                .filter(file -> file.name().equals(name))
                .map(SnapshotFile::sha256)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void filesAreNamedByWhatTheyContain() throws IOException {
        commit(10, "abc");

        try (SnapshotStore.Lease lease = store.lease(new EntryId(10, 3))) {
            assertEquals(
                    List.of(new SnapshotFile(
                            "sub/state", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")),
                    lease.files());
        }
    }

    @Test
    void aFileThatAnOlderSnapshotHasIsNotReadAgain() throws IOException {
        commit(10, "ten");
        Path old = directory.resolve("snapshots/10-3/files/sub/state");
        FileTime written = Files.getLastModifiedTime(old);
        SnapshotStore.Draft draft = store.draft();
        Files.createLink(draft.files().resolve("linked"), old);
        Files.writeString(draft.files().resolve("copied"), "TEN");
        // The content changes without a trace in what the file system says of it: only who reads it could tell.
        Files.writeString(old, "TEN");
        Files.setLastModifiedTime(old, written);

        store.commit(draft, meta(20));

        try (SnapshotStore.Lease lease = store.lease(new EntryId(20, 3))) {
            assertNotEquals(hashOf(lease, "copied"), hashOf(lease, "linked"));
        }
    }

    @Test
    void aSnapshotHasNoLinksThatLeadOutOfIt() throws IOException {
        SnapshotStore.Draft draft = store.draft();
        Files.createSymbolicLink(draft.files().resolve("link"), Files.createFile(directory.resolve("elsewhere")));

        IOException refused = assertThrows(IOException.class, () -> store.commit(draft, meta(10)));

        assertEquals("the snapshot contains link, which is neither a file nor a directory", refused.getMessage());
    }
}
