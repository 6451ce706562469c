package dev.quorate.jepsen.nemesis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.jepsen.client.RunClock;
import dev.quorate.jepsen.history.NemesisEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

@NullMarked
class ScheduleTest {

    private final List<String> done = new ArrayList<>();
    private final List<NemesisEvent> events = new ArrayList<>();

    /** Strikes and heals in the list {@link #done}; runs {@code onStrike} in between. */
    private Nemesis nemesis(String kind, Consumer<String> onStrike) {
        return new Nemesis() {
            @Override
            public String kind() {
                return kind;
            }

            @Override
            public Blow draw(Random random) {
                int node = random.nextInt(3);
                return new Blow(
                        kind,
                        "n" + node,
                        List.of("n" + node),
                        random.nextInt(10),
                        () -> {
                            done.add("strike " + kind + node);
                            onStrike.accept(kind);
                        },
                        () -> done.add("heal " + kind + node));
            }
        };
    }

    private Schedule schedule(long seed, List<Nemesis> nemeses) {
        return new Schedule(nemeses, 1, 5, seed, new RunClock(), (nanos, millis) -> true, events::add, line -> {});
    }

    @Test
    void everyStrikeIsHealedAndTold() {
        List<Schedule> running = new ArrayList<>();
        Consumer<String> stopAtTheThird = kind -> {
            if (done.size() >= 3) {
                running.get(0).stop();
            }
        };
        running.add(schedule(1, List.of(nemesis("a", stopAtTheThird), nemesis("b", stopAtTheThird))));

        running.get(0).run();

        List<String> healed =
                done.stream().filter(line -> line.startsWith("heal")).toList();
        List<String> struck =
                done.stream().filter(line -> line.startsWith("strike")).toList();
        assertEquals(
                struck.stream()
                        .map(line -> line.replace("strike", "heal"))
                        .sorted()
                        .toList(),
                healed.stream().sorted().toList());
        assertEquals(healed.size(), events.size());
        assertTrue(events.stream().allMatch(event -> event.endNanos() >= event.startNanos()));
    }

    @Test
    void aStrikeThatFailsIsHealedAllTheSame() {
        Schedule schedule = schedule(1, List.of(nemesis("a", kind -> {
            throw new IllegalStateException("no such node");
        })));

        assertThrows(IllegalStateException.class, schedule::run);

        assertEquals(2, done.size());
        assertTrue(done.get(1).startsWith("heal"), done::toString);
    }

    @Test
    void theSameSeedDrawsTheSameFaults() {
        assertEquals(drawThreeOrMore(7), drawThreeOrMore(7));
        assertFalse(drawThreeOrMore(7).equals(drawThreeOrMore(8)));
    }

    private List<String> drawThreeOrMore(long seed) {
        done.clear();
        List<Schedule> running = new ArrayList<>();
        Consumer<String> stopSoon = kind -> {
            if (done.size() >= 3) {
                running.get(0).stop();
            }
        };
        running.add(schedule(seed, List.of(nemesis("a", stopSoon), nemesis("b", stopSoon))));
        running.get(0).run();
        return List.copyOf(done);
    }
}
