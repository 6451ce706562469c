package dev.quorate.raft.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.runtime.InMemoryStateMachine;
import dev.quorate.raft.runtime.StateMachine;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** State machines as embedders write them: a right one passes, and each kind of mistake is found and named. */
class StateMachineSimulationTest {

    private static final int SEEDS = 20;

    /** Counts the commands by their first byte, and remembers the last one: two fields, so that one can be forgotten. */
    private static class Tally extends InMemoryStateMachine<Integer> {
        final TreeMap<Integer, Integer> counts = new TreeMap<>();
        int last = -1;

        @Override
        protected Integer apply(byte[] command) {
            last = command[0];
            return counts.merge(last, 1, Integer::sum);
        }

        @Override
        protected void save(OutputStream out) throws IOException {
            DataOutputStream data = new DataOutputStream(out);
            data.writeInt(last);
            data.writeInt(counts.size());
            for (Map.Entry<Integer, Integer> count : counts.entrySet()) {
                data.writeInt(count.getKey());
                data.writeInt(count.getValue());
            }
        }

        @Override
        protected void load(InputStream in) throws IOException {
            DataInputStream data = new DataInputStream(in);
            counts.clear();
            last = data.readInt();
            int size = data.readInt();
            for (int i = 0; i < size; i++) {
                counts.put(data.readInt(), data.readInt());
            }
        }
    }

    private static byte[] command(RandomGenerator random) {
        return new byte[] {(byte) random.nextInt(5)};
    }

    private static String view(Tally tally) {
        return tally.last + " " + tally.counts;
    }

    @Test
    void aRightStateMachinePassesUnderCrashesSnapshotsAndReplays() {
        StateMachineSimulation.Report report = Simulation.of(Tally::new, StateMachineSimulationTest::command)
                .comparing(StateMachineSimulationTest::view)
                .run(1, SEEDS);

        assertEquals(SEEDS, report.seeds());
        assertTrue(
                report.entries() > 100L * SEEDS && report.restarts() > SEEDS && report.restored() > SEEDS,
                () -> "too little happened: " + report);
    }

    @Test
    void withoutAViewTheBytesOfSnapshotsAreCompared() {
        Simulation.of(Tally::new, StateMachineSimulationTest::command).run(1, SEEDS);
    }

    @Test
    void aFieldThatASnapshotForgetsIsFound() {
        class ForgetsLast extends Tally {
            @Override
            protected void load(InputStream in) throws IOException {
                super.load(in);
                last = -1;
            }
        }
        assertCaught(
                "ReplicasAgree",
                Simulation.of(ForgetsLast::new, StateMachineSimulationTest::command)
                        .comparing(StateMachineSimulationTest::view));
        assertCaught("ReplicasAgree", Simulation.of(ForgetsLast::new, StateMachineSimulationTest::command));
    }

    @Test
    void aRestoreThatKeepsTheOldStateIsFound() {
        class KeepsOld extends Tally {
            @Override
            protected void load(InputStream in) throws IOException {
                TreeMap<Integer, Integer> old = new TreeMap<>(counts);
                super.load(in);
                old.forEach((key, count) -> counts.merge(key, count, Integer::sum));
            }
        }
        assertCaught(
                "ReplicasAgree",
                Simulation.of(KeepsOld::new, StateMachineSimulationTest::command)
                        .comparing(StateMachineSimulationTest::view));
    }

    @Test
    void anAnswerThatIsNoFunctionOfTheCommandsIsFound() {
        class CountsItsLife extends Tally {
            private int applied;

            @Override
            protected Integer apply(byte[] command) {
                return super.apply(command) * 1_000 + ++applied;
            }
        }
        assertCaught(
                "ReplicasAnswerAlike",
                Simulation.of(CountsItsLife::new, StateMachineSimulationTest::command)
                        .comparing(StateMachineSimulationTest::view));
    }

    @Test
    void anExceptionIsNamedWithWhatWasAsked() {
        class Throws extends Tally {
            @Override
            protected Integer apply(byte[] command) {
                if (counts.getOrDefault(3, 0) > 4) {
                    throw new IllegalStateException("the fifth of a kind");
                }
                return super.apply(command);
            }
        }
        SimulationFailure failure = assertCaught(
                "StateMachineDoesNotThrow", Simulation.of(Throws::new, StateMachineSimulationTest::command));
        assertTrue(failure.getMessage().contains("the fifth of a kind"), failure.getMessage());
    }

    @Test
    void aFailureEndsWithTheLineThatReplaysIt() {
        String message = "";
        try {
            Simulation.of(Tally::new, StateMachineSimulationTest::command)
                    .comparing(tally -> new Object())
                    .run(3);
        } catch (SimulationFailure failure) {
            message = failure.getMessage();
        }
        String[] lines = message.split("\n", -1);

        assertEquals(
                "replay: mvn test -Dtest='StateMachineSimulationTest#aFailureEndsWithTheLineThatReplaysIt' -Dquorate.seed=3",
                lines[lines.length - 1]);
    }

    /** Keeps its state and its applied index in one file, written beside and moved into place. */
    private static class DurableTally implements StateMachine<Integer> {
        private final Path directory;
        final Tally tally = new Tally();
        long applied;

        DurableTally(Path directory) {
            this.directory = directory;
            read(directory.resolve("state"));
        }

        private void read(Path file) {
            if (Files.exists(file)) {
                try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(Files.readAllBytes(file)))) {
                    applied = in.readLong();
                    tally.load(in);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }

        void write(Path file) throws IOException {
            Path draft = directory.resolve("draft");
            try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(draft))) {
                out.writeLong(applied);
                tally.save(out);
            }
            Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        }

        @Override
        public long appliedIndex() {
            return applied;
        }

        @Override
        public List<Integer> apply(List<Entry> entries) {
            List<Integer> answers = new ArrayList<>();
            for (Entry entry : entries) {
                answers.add(entry.type() == Entry.Type.COMMAND ? tally.apply(entry.payload()) : -1);
                applied = entry.index();
            }
            try {
                flush();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return answers;
        }

        void flush() throws IOException {
            write(directory.resolve("state"));
        }

        @Override
        public void snapshot(Path to) throws IOException {
            Files.copy(directory.resolve("state"), to.resolve("state"));
        }

        @Override
        public void restore(Path from, long appliedIndex) throws IOException {
            read(from.resolve("state"));
            flush();
        }

        @Override
        public void close() {}
    }

    @Test
    void aDurableStateMachineGoesOnFromWhatItWrote() {
        Simulation.ofDurable(DurableTally::new, StateMachineSimulationTest::command)
                .comparing(durable -> view(durable.tally))
                .run(1, SEEDS);
    }

    @Test
    void anAppliedIndexThatIsWrittenApartFromItsEffectIsFound() {
        class Torn extends DurableTally {
            private int batches;

            Torn(Path directory) {
                super(directory);
            }

            @Override
            void flush() throws IOException {
                if (++batches % 3 == 0) {
                    applied--; // this time the index is not written with the effect
                    super.flush();
                    applied++;
                } else {
                    super.flush();
                }
            }
        }
        assertCaught(
                "ReplicasAgree",
                Simulation.ofDurable(Torn::new, StateMachineSimulationTest::command)
                        .comparing(durable -> view(durable.tally)));
    }

    private static SimulationFailure assertCaught(String invariant, StateMachineSimulation<?> simulation) {
        SimulationFailure failure = assertThrows(SimulationFailure.class, () -> simulation.run(1, SEEDS));
        assertTrue(failure.getMessage().startsWith(invariant + " in seed "), failure.getMessage());
        return failure;
    }
}
