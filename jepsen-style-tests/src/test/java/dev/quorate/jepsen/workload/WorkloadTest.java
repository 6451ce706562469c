package dev.quorate.jepsen.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.jepsen.history.Step;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

@NullMarked
class WorkloadTest {

    private static final int REQUESTS = 10_000;

    private final Workload workload = new Workload(new Workload.Options(4, 100));
    private final Random random = new Random(1);

    @Test
    void everyValueIsWrittenByOneRequestOnly() {
        Set<String> values = new HashSet<>();
        for (int i = 0; i < REQUESTS; i++) {
            for (Step step : workload.next(random).steps()) {
                if (step instanceof Step.Put put) {
                    assertTrue(values.add(put.value()));
                } else if (step instanceof Step.Cas cas) {
                    assertTrue(values.add(cas.value()));
                }
            }
        }
    }

    @Test
    void noKeyIsAskedForMuchMoreOftenThanItsShareAndAllAreKnown() {
        Map<String, Integer> requests = new HashMap<>();
        for (int i = 0; i < REQUESTS; i++) {
            workload.next(random).steps().forEach(step -> requests.merge(step.key(), 1, Integer::sum));
        }

        assertTrue(requests.values().stream().allMatch(count -> count <= 101), requests::toString);
        assertTrue(requests.size() > REQUESTS / 100, requests::toString);
        assertTrue(new HashSet<>(workload.allKeys()).containsAll(requests.keySet()));
    }

    @Test
    void theSameSeedAsksTheSame() {
        Workload twin = new Workload(new Workload.Options(4, 100));
        Random twinRandom = new Random(1);
        for (int i = 0; i < REQUESTS; i++) {
            assertEquals(workload.next(random), twin.next(twinRandom));
        }
    }

    @Test
    void everyKindOfRequestOccurs() {
        Set<Class<?>> kinds = new HashSet<>();
        boolean several = false;
        for (int i = 0; i < 1_000; i++) {
            Request request = workload.next(random);
            kinds.add(request.first().getClass());
            several |= request.steps().size() > 1;
        }
        assertEquals(Set.copyOf(List.of(Step.Read.class, Step.Put.class, Step.Delete.class, Step.Cas.class)), kinds);
        assertTrue(several);
    }
}
