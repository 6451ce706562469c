package dev.quorate.raft.runtime;

import java.util.Comparator;
import java.util.PriorityQueue;

/** Confirmed reads that wait until the state machine has applied up to their index. The apply thread owns it. */
final class ReadGate {

    private record Waiting(long readIndex, ReadBatch batch) {}

    private final PriorityQueue<Waiting> waiting = new PriorityQueue<>(Comparator.comparingLong(Waiting::readIndex));

    void await(ReadBatch batch, long readIndex) {
        waiting.add(new Waiting(readIndex, batch));
    }

    void release(long appliedIndex) {
        for (Waiting first = waiting.peek();
                first != null && first.readIndex() <= appliedIndex;
                first = waiting.peek()) {
            waiting.remove();
            first.batch().complete(appliedIndex);
        }
    }
}
