package dev.quorate.raft;

/** Which writes were handed to the disk, and which of them came back. */
final class Writes {

    private long lastNumber;
    private long durableNumber;
    private long firstNumberOfThisLog = 1;
    private long hardStateNumber;

    /** Names the next write. */
    WriteMark next(long lastIndex, boolean withHardState) {
        lastNumber++;
        if (withHardState) {
            hardStateNumber = lastNumber;
        }
        return new WriteMark(lastNumber, lastIndex);
    }

    /** True while a write that was handed out has not come back. */
    boolean areOutstanding() {
        return durableNumber < lastNumber;
    }

    boolean isHardStateDurable() {
        return durableNumber >= hardStateNumber;
    }

    /**
     * Entries were removed that earlier writes still carry. What those say of the log's end is about other entries than the
     * ones that stand there now, and must not count as these being durable.
     */
    void logWasCut() {
        firstNumberOfThisLog = lastNumber + 1;
    }

    /** Takes note of a completion. Returns true if {@code mark.lastIndex()} is about the log as it is now. */
    boolean completed(WriteMark mark) {
        if (mark.number() <= durableNumber || mark.number() > lastNumber) {
            return false;
        }
        durableNumber = mark.number();
        return mark.number() >= firstNumberOfThisLog;
    }
}
