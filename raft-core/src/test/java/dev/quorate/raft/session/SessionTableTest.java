package dev.quorate.raft.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.quorate.raft.session.SessionVerdict.Done;
import dev.quorate.raft.session.SessionVerdict.Opened;
import dev.quorate.raft.session.SessionVerdict.Refused;
import dev.quorate.raft.session.SessionVerdict.Repeated;
import dev.quorate.raft.session.SessionVerdict.Run;
import dev.quorate.raft.session.SessionVerdict.Running;
import org.junit.jupiter.api.Test;

class SessionTableTest {

    private static final long TIMEOUT = SessionCommand.MIN_TIMEOUT_MILLIS;
    private static final SessionCommand.Open OPEN = new SessionCommand.Open(TIMEOUT, 3, 8);

    private final SessionTable table = new SessionTable();
    private long index;

    private SessionVerdict decide(SessionCommand command) {
        // Through bytes, as in the log.
        return table.decide(++index, SessionCommand.decode(command.encode()));
    }

    private long open() {
        return assertInstanceOf(Opened.class, decide(OPEN)).session();
    }

    private SessionVerdict apply(long session, long sequence, long first) {
        return decide(new SessionCommand.Apply(session, sequence, first, new byte[] {7}));
    }

    private void tick(long elapsed) {
        decide(new SessionCommand.Tick(table.nowMillis(), elapsed));
    }

    @Test
    void aCommandOfASessionRunsOnceAndItsAnswerIsRepeated() {
        long session = open();

        Run run = assertInstanceOf(Run.class, apply(session, 1, 1));
        table.remember(session, 1, new byte[] {42});

        assertArrayEquals(new byte[] {7}, run.command());
        assertArrayEquals(
                new byte[] {42},
                assertInstanceOf(Repeated.class, apply(session, 1, 1)).answer());
    }

    @Test
    void aCopyInTheSameBatchWaitsForTheAnswerOfTheFirst() {
        long session = open();
        apply(session, 1, 1);

        assertEquals(new Running(), apply(session, 1, 1));
    }

    @Test
    void anAcknowledgedCommandIsForgottenAndDoesNotRunAgain() {
        long session = open();
        apply(session, 1, 1);
        apply(session, 2, 2);
        table.remember(session, 1, new byte[] {1}); // in the same batch: must not come back

        assertEquals(new Refused(SessionRefusal.ACKNOWLEDGED), apply(session, 1, 1));
    }

    @Test
    void aNumberBeyondTheWindowIsRefused() {
        long session = open();

        assertEquals(new Refused(SessionRefusal.OUT_OF_WINDOW), apply(session, 4, 1));
        assertInstanceOf(Run.class, apply(session, 4, 2));
    }

    @Test
    void anAnswerThatIsTooLongIsNotRememberedButTheCommandIs() {
        long session = open();
        apply(session, 1, 1);
        table.remember(session, 1, new byte[9]);

        assertNull(assertInstanceOf(Repeated.class, apply(session, 1, 1)).answer());
    }

    @Test
    void anIdleSessionEndsAndItsNumberIsNotUsedAgain() {
        long session = open();
        for (int i = 0; i < 3; i++) {
            assertInstanceOf(Done.class, decide(new SessionCommand.KeepAlive(session)));
            tick(2_000);
        }
        assertInstanceOf(Run.class, apply(session, 1, 1));
        table.remember(session, 1, new byte[0]);

        for (int i = 0; i < 3; i++) {
            tick(2_000);
        }

        assertEquals(new Refused(SessionRefusal.EXPIRED), apply(session, 1, 1));
        assertEquals(0, table.size());
    }

    @Test
    void oneWrongStepEndsNoSession() {
        open();

        tick(Long.MAX_VALUE);

        assertEquals(1, table.size());
        assertEquals(SessionTable.MAX_STEP_MILLIS, table.nowMillis());
    }

    @Test
    void ofTwoWhoCountedTheSameSecondOneIsHeard() {
        decide(new SessionCommand.Tick(0, 1_000));
        decide(new SessionCommand.Tick(0, 1_100));
        decide(new SessionCommand.Tick(1_000, -5));

        assertEquals(1_000, table.nowMillis());
    }

    @Test
    void sessionsBeyondTheLimitsAreRefusedAndThoseOpenStay() {
        decide(new SessionCommand.SetLimits(new SessionLimits(2, 1L << 20)));
        long first = open();
        open();
        assertEquals(new Refused(SessionRefusal.TOO_MANY_SESSIONS), decide(OPEN));

        decide(new SessionCommand.Close(first));

        open();
        decide(new SessionCommand.SetLimits(new SessionLimits(10, 2 * OPEN.reservedBytes())));
        assertEquals(new Refused(SessionRefusal.TOO_MANY_SESSIONS), decide(OPEN));
    }

    @Test
    void bytesThatNobodyWroteAreRefused() {
        for (byte[] bytes : new byte[][] {{}, {1}, {2, 0}, {9}, {6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}}) {
            assertNull(SessionCommand.decode(bytes));
        }
        assertEquals(new Refused(SessionRefusal.MALFORMED), table.decide(1, null));
        assertEquals(new Refused(SessionRefusal.MALFORMED), decide(new SessionCommand.Open(TIMEOUT - 1, 3, 8)));
    }

    @Test
    void aTableThatIsLoadedFromRecordsDecidesAsTheOther() {
        long session = open();
        long other = open();
        apply(session, 1, 1);
        table.remember(session, 1, new byte[] {5});
        apply(session, 2, 1);
        table.remember(session, 2, new byte[20]);
        apply(session, 3, 2);
        table.remember(session, 3, new byte[0]);
        tick(1_500);
        decide(new SessionCommand.SetLimits(new SessionLimits(2, 1L << 20)));
        decide(new SessionCommand.KeepAlive(other));

        SessionTable loaded = new SessionTable();
        loaded.load(table.records());

        assertEquals(1_500, loaded.nowMillis());
        assertEquals(table.limits(), loaded.limits());
        assertEquals(
                new Refused(SessionRefusal.ACKNOWLEDGED),
                loaded.decide(99, new SessionCommand.Apply(session, 1, 1, new byte[0])));
        assertNull(assertInstanceOf(
                        Repeated.class, loaded.decide(99, new SessionCommand.Apply(session, 2, 1, new byte[0])))
                .answer());
        assertArrayEquals(
                new byte[0],
                assertInstanceOf(
                                Repeated.class, loaded.decide(99, new SessionCommand.Apply(session, 3, 1, new byte[0])))
                        .answer());
        assertEquals(new Refused(SessionRefusal.TOO_MANY_SESSIONS), loaded.decide(99, OPEN));
    }

    @Test
    void theClockCountsOnlyWhileThereAreSessionsAndLogTimeStandsStill() {
        SessionClock clock = new SessionClock();
        long second = 1_000_000_000L;

        assertNull(clock.observe(-5 * second, 0, 0));
        assertNull(clock.observe(0, 0, 0));
        assertNull(clock.observe(second / 2, 0, 1));
        assertEquals(new SessionCommand.Tick(0, 1_000), clock.observe(second, 0, 1));
        assertEquals(new SessionCommand.Tick(0, 1_200), clock.observe(second * 6 / 5, 0, 1));
        assertNull(clock.observe(second * 5, 1_000, 1));
        assertNull(clock.observe(second * 5 + second / 2, 1_000, 1));
    }

    @Test
    void aWindowGivesEveryTryTheSameNumberAndEndsWithTheOldest() {
        SessionWindow window = new SessionWindow(9, 2, 1, 1);
        long first = window.begin();
        long second = window.begin();
        window.end(second);

        assertEquals(true, window.isFull());
        assertEquals(first, window.attempt(first, new byte[0]).sequence());
        assertEquals(first, window.attempt(first, new byte[0]).sequence());

        window.end(first);

        assertEquals(3, window.firstOutstanding());
        assertEquals(3, window.attempt(window.begin(), new byte[0]).firstOutstanding());
    }
}
