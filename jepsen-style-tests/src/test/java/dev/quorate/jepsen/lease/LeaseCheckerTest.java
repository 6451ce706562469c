package dev.quorate.jepsen.lease;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.jepsen.watch.Change;
import dev.quorate.jepsen.watch.Sighting;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** What a lease must not do. Times are in nanoseconds here. */
@NullMarked
class LeaseCheckerTest {

    private static final long TTL = 1_000;

    private final LeaseLife life = new LeaseLife(7, TTL, 100); // lasts until 1,100 at the least

    LeaseCheckerTest() {
        life.keys.add("a");
        life.keys.add("b");
    }

    private static Change put(long revision, String key) {
        return new Change(revision, key, key, revision, 1, 7, null);
    }

    private static Change gone(long revision, String key) {
        return new Change(revision, key, null, 0, 0, 0, put(1, key).after());
    }

    private static Sighting at(long nanos, Change change) {
        return new Sighting(change, nanos, "n1", 0);
    }

    private List<String> check(List<Sighting> sightings, Change... changes) {
        return LeaseChecker.checkLives(List.of(life), sightings, List.of(changes), true);
    }

    private static void assertFound(String what, List<String> findings) {
        assertTrue(findings.stream().anyMatch(line -> line.contains(what)), () -> what + " in " + findings);
    }

    @Test
    void aLeaseThatEndsAfterItsTimeIsFine() {
        List<Sighting> seen = List.of(at(1_100, gone(4, "a")), at(1_100, gone(4, "b")));

        assertEquals(List.of(), check(seen, put(2, "a"), put(3, "b"), gone(4, "a"), gone(4, "b")));
    }

    @Test
    void oneThatEndsEarlyIsFoundByWhoSawItFirst() {
        List<Sighting> seen = List.of(at(1_300, gone(4, "a")), at(1_099, gone(4, "a")));

        assertFound("a was seen deleted", check(seen, gone(4, "a"), gone(4, "b")));
    }

    @Test
    void whereClocksAreWrongNobodyJudgesTime() {
        List<Sighting> seen = List.of(at(500, gone(4, "a")));

        assertEquals(
                List.of(), LeaseChecker.checkLives(List.of(life), seen, List.of(gone(4, "a"), gone(4, "b")), false));
    }

    @Test
    void aRenewalMakesItLonger() {
        life.lastsUntilNanos = 2_000;

        assertFound("seen deleted", check(List.of(at(1_999, gone(4, "a"))), gone(4, "a"), gone(4, "b")));
    }

    @Test
    void aRevocationMayEndItAtOnce() {
        life.revokeSentNanos = 500;

        assertEquals(List.of(), check(List.of(at(500, gone(4, "a"))), gone(4, "a"), gone(4, "b")));
        assertFound("seen deleted", check(List.of(at(499, gone(4, "a"))), gone(4, "a"), gone(4, "b")));
    }

    @Test
    void keysThatGoAfterTheirLeaseWasRevokedAreFound() {
        life.revokedByRevision = 4;

        assertEquals(List.of(), check(List.of(), gone(4, "a"), gone(4, "b")));
        assertFound("was revoked by 4", check(List.of(), gone(5, "a"), gone(5, "b")));
    }

    @Test
    void keysGoTogether() {
        assertFound("at several revisions", check(List.of(), gone(4, "a"), gone(5, "b")));
    }

    @Test
    void aKeyThatStaysOrWasNeverThereIsFound() {
        assertFound("outlives its lease", check(List.of(), put(2, "a"), put(3, "b"), gone(4, "b")));
        assertFound("nothing shows it", check(List.of(), put(2, "a"), gone(4, "a")));
    }
}
