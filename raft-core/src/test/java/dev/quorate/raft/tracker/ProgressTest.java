package dev.quorate.raft.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ProgressTest {

    private final Progress progress = new Progress(1, 8, 1 << 20, 0);

    @Test
    void anInstalledSnapshotMovesNextPastItAlsoWhenTheWaitForTheAnswerWasGivenUp() {
        progress.snapshotOffered(50, 0);
        progress.pause();

        progress.snapshotInstalled(50);

        assertEquals(50, progress.match());
        assertEquals(51, progress.next());
        assertTrue(progress.mayAppend());
    }
}
