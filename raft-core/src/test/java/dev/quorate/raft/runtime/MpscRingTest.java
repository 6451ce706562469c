package dev.quorate.raft.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MpscRingTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 8})
    void holdsExactlyItsCapacityInOrder(int capacity) {
        MpscRing<Integer> ring = new MpscRing<>(capacity);
        int next = 0;
        int expected = 0;
        for (int round = 0; round < 5; round++) {
            for (int i = 0; i < capacity; i++) {
                assertTrue(ring.offer(next++));
            }
            assertFalse(ring.offer(-1));
            for (int i = 0; i < capacity; i++) {
                assertEquals(expected++, ring.poll());
            }
            assertNull(ring.poll());
            assertTrue(ring.isEmpty());
        }
    }

    @Test
    void keepsEachProducersOrderAndLosesNothing() throws InterruptedException {
        int producers = 4;
        int each = 20_000;
        MpscRing<int[]> ring = new MpscRing<>(64);
        List<Thread> threads = new ArrayList<>();
        for (int p = 0; p < producers; p++) {
            int producer = p;
            Thread thread = new Thread(() -> {
                for (int i = 0; i < each; i++) {
                    while (!ring.offer(new int[] {producer, i})) {
                        LockSupport.parkNanos(1_000);
                    }
                }
            });
            threads.add(thread);
            thread.start();
        }

        int[] next = new int[producers];
        for (int taken = 0; taken < producers * each; ) {
            int[] element = ring.poll();
            if (element == null) {
                LockSupport.parkNanos(1_000);
                continue;
            }
            assertEquals(next[element[0]]++, element[1]);
            taken++;
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertNull(ring.poll());
    }

    @Test
    void aQueueWithoutPlacesIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new MpscRing<>(0));
    }
}
