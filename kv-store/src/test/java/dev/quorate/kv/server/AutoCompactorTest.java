package dev.quorate.kv.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class AutoCompactorTest {

    private final List<Long> compacted = new ArrayList<>();

    private AutoCompactor compactor(AutoCompaction settings) {
        return Objects.requireNonNull(AutoCompactor.of(settings, compacted::add));
    }

    @Test
    void nothingIsCompactedByItselfUnlessAskedFor() {
        assertNull(AutoCompactor.of(AutoCompaction.OFF, compacted::add));
    }

    @Test
    void aShortRetentionIsCompactedOncePerRetentionAtTheRevisionOfARetentionAgo() {
        AutoCompactor compactor = compactor(new AutoCompaction.Periodic(Duration.ofMinutes(10)));
        assertEquals(Duration.ofMinutes(1), compactor.interval());

        for (int minute = 1; minute <= 31; minute++) {
            compactor.tick(true, 100L * minute);
        }

        assertEquals(List.of(100L, 1100L, 2100L), compacted);
    }

    @Test
    void aLongRetentionIsCompactedOncePerHour() {
        AutoCompactor compactor = compactor(new AutoCompaction.Periodic(Duration.ofHours(5)));
        assertEquals(Duration.ofMinutes(6), compactor.interval());

        for (int tick = 1; tick <= 75; tick++) { // seven hours and a half
            compactor.tick(true, tick);
        }

        assertEquals(List.of(1L, 11L, 21L), compacted);
    }

    @Test
    void aNewLeaderWaitsAWholeRetention() {
        AutoCompactor compactor = compactor(new AutoCompaction.Periodic(Duration.ofMinutes(10)));
        for (int minute = 1; minute <= 9; minute++) {
            compactor.tick(true, minute);
        }

        compactor.tick(false, 10);
        for (int minute = 11; minute <= 20; minute++) {
            compactor.tick(true, minute);
        }
        assertEquals(List.of(), compacted);
        compactor.tick(true, 21);

        assertEquals(List.of(11L), compacted);
    }

    @Test
    void theNewestRevisionsAreKept() {
        AutoCompactor compactor = compactor(new AutoCompaction.Revisions(1000));

        compactor.tick(true, 1000);
        compactor.tick(false, 3000);
        compactor.tick(true, 3500);

        assertEquals(List.of(2500L), compacted);
    }
}
