package dev.quorate.kv.command;

import dev.quorate.kv.mvcc.Writer;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Whether the members hold the same keys: a check stands in the log, so that each member looks at its store as of the same entry,
 * and what it finds it says through the log as well. Part of the replicated state: a new leader goes on with a check where the old
 * one left off, and whoever has no answer yet may still give it.
 *
 * <p>Threads: changed by the apply thread, {@link #round} is read by any.
 */
public final class DataCheck {

    private static final String PREFIX = "check/";
    private static final String BEGUN = PREFIX + "begun";

    /**
     * What a member holds.
     *
     * @param revision its revision when it carried the check out; the same at all that carried out the same commands
     * @param compacted the revision that history began at then
     * @param hash the checksum of the keys up to the revision, see {@link dev.quorate.kv.mvcc.KvHash}
     */
    public record Answer(long revision, long compacted, int hash) {
        static final int BYTES = 2 * Long.BYTES + Integer.BYTES;
    }

    /**
     * The latest check.
     *
     * @param index its log index; 0 if there was none
     * @param answers by the members' numbers
     */
    public record Round(long index, Map<Long, Answer> answers) {

        private static final Round NONE = new Round(0, Map.of());

        public Round {
            answers = Map.copyOf(answers);
        }

        /**
         * Who holds something else than more than half of those who answered; all of them if no answer was given by more than half.
         * Empty if all agree.
         */
        public Set<Long> deviants() {
            if (new HashSet<>(answers.values()).size() <= 1) {
                return Set.of();
            }
            Set<Long> deviants = new HashSet<>();
            for (Map.Entry<Long, Answer> answer : answers.entrySet()) {
                long same = answers.values().stream()
                        .filter(answer.getValue()::equals)
                        .count();
                if (2 * same <= answers.size()) {
                    deviants.add(answer.getKey());
                }
            }
            return deviants;
        }
    }

    /** What a member is asked: its keys up to {@code revision}, with the history since {@code compacted}. */
    public record Question(long index, long revision, long compacted) {}

    private final SortedMap<String, byte[]> rows = new TreeMap<>(); // the apply thread
    private @Nullable Question asked; // the apply thread: in the batch under way
    private volatile Round round = Round.NONE;
    // Both guarded by this.
    private @Nullable Consumer<Question> listener;
    private @Nullable Question untold;

    /** @param named the store's rows beside the keys */
    DataCheck(Map<String, byte[]> named) {
        reset(named);
    }

    /** The state is another one now. */
    void reset(Map<String, byte[]> named) {
        rows.clear();
        named.forEach((name, row) -> {
            if (isRow(name)) {
                rows.put(name, row);
            }
        });
        publish();
    }

    /**
     * Is told of each check, on the apply thread, when the store can be read as of it; at once of the latest one that was carried out
     * since the start. It must not block.
     */
    public synchronized void listen(Consumer<Question> to) {
        listener = to;
        Question question = untold;
        untold = null;
        if (question != null) {
            to.accept(question);
        }
    }

    public Round round() {
        return round;
    }

    /** A check begins; an earlier one ends. */
    void begin(long index, Writer writer, long revision, long compacted) {
        rows.keySet().forEach(writer::removeNamed);
        rows.clear();
        put(BEGUN, ByteBuffer.allocate(Long.BYTES).putLong(index).array(), writer);
        asked = new Question(index, revision, compacted);
        publish();
    }

    /** A member has answered; too late if another check has begun, or this one has ended. */
    void answer(long member, byte[] command, Writer writer) {
        ByteBuffer request = request(command, Long.BYTES + Answer.BYTES);
        if (request.getLong() == round.index()) {
            byte[] answer = new byte[Answer.BYTES];
            request.get(answer);
            put(String.format(Locale.ROOT, "%s%016x", PREFIX, member), answer, writer);
            publish();
        }
    }

    /** What was found is known; whoever takes the alarm back is not told of it again. */
    void end(Writer writer) {
        rows.keySet().forEach(writer::removeNamed);
        rows.clear();
        publish();
    }

    /** What was carried out since the last time can be read now. */
    void published() {
        Question question = asked;
        if (question != null) {
            asked = null;
            tell(question);
        }
    }

    private synchronized void tell(Question question) {
        if (listener == null) {
            untold = question;
        } else {
            listener.accept(question);
        }
    }

    private void put(String name, byte[] row, Writer writer) {
        rows.put(name, row);
        writer.putNamed(name, row);
    }

    private void publish() {
        byte[] begun = rows.get(BEGUN);
        if (begun == null) {
            round = Round.NONE;
            return;
        }
        Map<Long, Answer> answers = new TreeMap<>();
        rows.forEach((name, row) -> {
            if (!name.equals(BEGUN)) {
                ByteBuffer answer = ByteBuffer.wrap(row);
                answers.put(
                        Long.parseUnsignedLong(name, PREFIX.length(), name.length(), 16),
                        new Answer(answer.getLong(), answer.getLong(), answer.getInt()));
            }
        });
        round = new Round(ByteBuffer.wrap(begun).getLong(), answers);
    }

    static boolean isRow(String name) {
        return name.startsWith(PREFIX);
    }

    /** The command that says what a member holds. */
    public static byte[] answer(long member, Question question, int hash) {
        return Command.of(
                Command.Kind.CHECK_ANSWER,
                member,
                ByteBuffer.allocate(Long.BYTES + Answer.BYTES)
                        .putLong(question.index())
                        .putLong(question.revision())
                        .putLong(question.compacted())
                        .putInt(hash)
                        .array());
    }

    private static ByteBuffer request(byte[] command, int bytes) {
        int length = command.length - Command.HEADER_BYTES;
        if (length != bytes) {
            throw new IllegalArgumentException("an answer to a check has " + length + " bytes, not " + bytes);
        }
        return ByteBuffer.wrap(command, Command.HEADER_BYTES, length);
    }
}
