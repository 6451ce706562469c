package dev.quorate.kv.cli.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeProcessTest {

    private static final Duration LIMIT = Duration.ofSeconds(10);

    @TempDir
    Path temporary = Path.of("");

    @Test
    void aProcessIsFoundAgainUntilItEnds() throws IOException {
        Path pidFile = temporary.resolve("server.pid");
        Process sleeper = new ProcessBuilder("sleep", "60").start();
        try {
            NodeProcess.remember(sleeper, pidFile);
            NodeProcess found = NodeProcess.read(pidFile);

            assertNotNull(found);
            assertEquals(sleeper.pid(), found.pid());
            found.kill();
            assertTrue(found.awaitEnd(LIMIT));
            assertNull(NodeProcess.read(pidFile));
        } finally {
            sleeper.destroyForcibly();
        }
    }

    @Test
    void aPidThatSomebodyElseHasByNowIsNotOurs() throws IOException {
        Path pidFile = temporary.resolve("server.pid");
        Files.writeString(pidFile, ProcessHandle.current().pid() + "\nboot of-another-day tick 1\n");

        assertNull(NodeProcess.read(pidFile));
    }

    @Test
    void aTornPidFileNamesNobody() throws IOException {
        Path pidFile = temporary.resolve("server.pid");

        assertNull(NodeProcess.read(pidFile));
        Files.writeString(pidFile, "");
        assertNull(NodeProcess.read(pidFile));
        Files.writeString(pidFile, "what\never\n");
        assertNull(NodeProcess.read(pidFile));
    }

    @Test
    void aProgramNameWithBlanksAndParenthesesIsNoField() throws IOException {
        ProcStat stat = ProcStat.parse("7 (a b) c) S 1 1 1 0 -1 4194560 100 0 0 0 31 11 0 0 20 0 1 0 987 1000 10 0 0");

        assertEquals(new ProcStat(false, 987, 42), stat);
        assertTrue(ProcStat.parse("7 (x) Z 1 1 1 0 -1 0 0 0 0 0 1 1 0 0 20 0 1 0 5")
                .ended());
        assertFalse(stat.ended());
        assertFalse(
                ProcStat.parse("7 (x) Z 1 1 1 0 -1 0 0 0 0 0 1 1 0 0 20 0 3 0 5")
                        .ended(),
                "threads still end");
    }
}
