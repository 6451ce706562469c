package dev.quorate.jepsen.lease;

import dev.quorate.jepsen.watch.Change;
import dev.quorate.jepsen.watch.Sighting;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Compares what holders of leases were told with what happened to their keys.
 *
 * <p>A renewal takes effect after it was sent, so the lease lasts at least a TTL from then on; a deletion has happened before any
 * watcher sees it. So a deletion that is seen before the lease can have ended was one too early, however late watchers are. The
 * servers' clocks must run at the rate of this machine's.
 */
public final class LeaseChecker {

    private static final int MAX_LINES = 5;

    private LeaseChecker() {}

    /**
     * @param sightings of all watchers
     * @param changes what has happened, until long after the last lease was left alone
     * @param judgesTime false if servers were given wrong clocks: leases are times
     * @return a line for each finding
     */
    public static List<String> check(
            List<LeaseHolder> holders, List<Sighting> sightings, List<Change> changes, boolean judgesTime) {
        List<LeaseLife> lives = new ArrayList<>();
        List<String> findings = new ArrayList<>();
        for (LeaseHolder holder : holders) {
            lives.addAll(holder.lives());
            if (judgesTime) {
                findings.addAll(holder.findings());
            }
        }
        findings.addAll(checkLives(lives, sightings, changes, judgesTime));
        return findings.size() > MAX_LINES ? findings.subList(0, MAX_LINES) : findings;
    }

    static List<String> checkLives(
            List<LeaseLife> lives, List<Sighting> sightings, List<Change> changes, boolean judgesTime) {
        Map<String, Long> firstSeenGone = new HashMap<>();
        for (Sighting sighting : sightings) {
            if (sighting.change().isDeletion()) {
                firstSeenGone.merge(sighting.change().key(), sighting.atNanos(), Math::min);
            }
        }
        Map<String, Change> last = new HashMap<>();
        for (Change change : changes) {
            last.put(change.key(), change);
        }
        List<String> findings = new ArrayList<>();
        for (LeaseLife life : lives) {
            if (judgesTime) {
                checkNotTooEarly(life, firstSeenGone, findings);
            }
            checkGoneTogether(life, last, findings);
        }
        return findings;
    }

    private static void checkNotTooEarly(LeaseLife life, Map<String, Long> firstSeenGone, List<String> findings) {
        long until = Math.min(life.lastsUntilNanos, life.revokeSentNanos);
        for (String key : life.keys) {
            Long gone = firstSeenGone.get(key);
            if (gone != null && gone < until) {
                findings.add(key + " was seen deleted " + (until - gone) / 1_000_000
                        + " ms before its lease can have ended");
            }
        }
    }

    private static void checkGoneTogether(LeaseLife life, Map<String, Change> last, List<String> findings) {
        Set<Long> revisions = new HashSet<>();
        for (String key : life.keys) {
            Change change = last.get(key);
            if (change == null) {
                findings.add(key + " was put, acknowledged, and nothing shows it");
            } else if (!change.isDeletion()) {
                findings.add(key + " outlives its lease, which was left alone or revoked: " + change);
            } else {
                revisions.add(change.revision());
                if (life.revokedByRevision > 0 && change.revision() > life.revokedByRevision) {
                    findings.add(key + " was deleted at " + change.revision() + ", and its lease was revoked by "
                            + life.revokedByRevision);
                }
            }
        }
        if (revisions.size() > 1) {
            findings.add(LeaseHolder.describe(life) + " took its keys at several revisions: " + revisions);
        }
    }

    /** Keys that must be gone in the end. */
    public static Set<String> keys(List<LeaseHolder> holders) {
        Set<String> keys = new HashSet<>();
        holders.forEach(holder -> holder.lives().forEach(life -> keys.addAll(life.keys)));
        return keys;
    }

    /** How many leases were held. */
    public static int count(List<LeaseHolder> holders) {
        return holders.stream().mapToInt(holder -> holder.lives().size()).sum();
    }
}
