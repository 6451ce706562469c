package dev.quorate.raft;

/** Which writes were handed to the disk, and which of them came back. */
final class Writes {

    private long lastNumber;
    private long durableNumber;
    private long firstNumberOfThisLog = 1;
    private long hardStateNumber;
    private long resetNumber;
    /** The newest write when {@link #owedNanos} began: a disk that does not get this far is not slow, it hangs. */
    private long owedNumber;

    private long owedNanos;

    /** Names the next write, which also makes the log start after a snapshot. */
    WriteMark nextWithReset(long lastIndex, boolean withHardState) {
        WriteMark mark = next(lastIndex, withHardState);
        resetNumber = lastNumber;
        return mark;
    }

    boolean isResetDurable() {
        return durableNumber >= resetNumber;
    }

    /** Names the next write. */
    WriteMark next(long lastIndex, boolean withHardState) {
        boolean wasIdle = !areOutstanding();
        lastNumber++;
        if (wasIdle) {
            startWaiting();
        }
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

    /** Time has passed in which this member was awake: what it slept through says nothing of the disk. */
    void passed(long nanos) {
        if (areOutstanding()) {
            owedNanos += nanos;
        }
    }

    /**
     * For how long the disk has owed an answer: 0 if it owes none. The oldest write is out for at least as long. A disk that
     * is slow, but answers, never owes one for much longer than a sync takes, however much waits behind that sync.
     */
    long owedNanos() {
        return areOutstanding() ? owedNanos : 0;
    }

    private void startWaiting() {
        owedNumber = lastNumber;
        owedNanos = 0;
    }

    /** Takes note of a completion. Returns true if {@code mark.lastIndex()} is about the log as it is now. */
    boolean completed(WriteMark mark) {
        if (mark.number() <= durableNumber || mark.number() > lastNumber) {
            return false;
        }
        durableNumber = mark.number();
        if (durableNumber >= owedNumber) {
            startWaiting();
        }
        return mark.number() >= firstNumberOfThisLog;
    }
}
