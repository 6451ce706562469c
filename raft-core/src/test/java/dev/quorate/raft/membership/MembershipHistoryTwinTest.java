package dev.quorate.raft.membership;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Memberships that come and go with their entries, against a twin that keeps the whole log, one membership per index, and
 * compacts nothing.
 */
class MembershipHistoryTwinTest {

    enum Kind {
        COMMAND,
        MEMBERSHIP,
        TRUNCATE,
        COMPACT,
        SNAPSHOT
    }

    /** @param share where between the start and the end of the log, in percent */
    record Step(Kind kind, int share) {}

    private static final Membership FOUNDERS = Membership.of(List.of(NodeId.of("n0")));

    @Property(tries = 1_000)
    void whatIsInForceIsWhatTheRemainingLogSaysLast(@ForAll("steps") List<Step> steps) {
        MembershipHistory history = new MembershipHistory(new SnapshotMeta(EntryId.ZERO, FOUNDERS), List.of());
        List<Membership> twin = new ArrayList<>(List.of(FOUNDERS)); // at each index what was in force there
        long base = 0;
        int named = 0;
        for (Step step : steps) {
            long last = twin.size() - 1L;
            long place = base + (last - base) * step.share() / 100;
            switch (step.kind()) {
                case COMMAND -> {
                    history.appended(Entry.command(last + 1, 1, new byte[0]));
                    twin.add(twin.get((int) last));
                }
                case MEMBERSHIP -> {
                    Membership next = Membership.of(List.of(NodeId.of("n" + ++named)));
                    history.appended(Entry.membership(last + 1, 1, next));
                    twin.add(next);
                }
                case TRUNCATE -> {
                    history.truncatedFrom(place + 1);
                    twin.subList((int) place + 1, twin.size()).clear();
                }
                case COMPACT -> {
                    history.compactedThrough(place);
                    base = place;
                }
                case SNAPSHOT -> {
                    Membership newer = Membership.of(List.of(NodeId.of("n" + ++named)));
                    base = last + 5;
                    history.reset(new SnapshotMeta(new EntryId(base, 1), newer));
                    while (twin.size() <= base) {
                        twin.add(newer);
                    }
                }
            }

            assertEquals(twin.get(twin.size() - 1), history.current());
            for (long index = base; index < twin.size(); index++) {
                assertEquals(twin.get((int) index), history.at(index), "at " + index);
            }
        }
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        return Combinators.combine(
                        Arbitraries.of(Kind.class), Arbitraries.integers().between(0, 100))
                .as(Step::new)
                .list()
                .ofMaxSize(40);
    }
}
