package dev.quorate.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Walks through the protocol that can be read: {@code src/test/resources/transcripts/*.txt}. Each is a script with what it led
 * to below each command, and must lead to the same again. {@code -Dquorate.transcripts.rewrite=true} writes down what it
 * leads to now; the difference is for the eyes of whoever changed the protocol.
 */
class TranscriptTest {

    private static final Path TRANSCRIPTS = Path.of("src/test/resources/transcripts");
    private static final int FEWEST = 12;

    @TestFactory
    Stream<DynamicTest> everyTranscriptIsWhatHappens() throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(TRANSCRIPTS)) {
            files = all.filter(file -> file.toString().endsWith(".txt"))
                    .sorted()
                    .toList();
        }
        assertTrue(files.size() >= FEWEST, files::toString);
        return files.stream().map(file -> dynamicTest(file.getFileName().toString(), () -> check(file)));
    }

    private static void check(Path file) throws IOException {
        String text = Files.readString(file);
        String played = Transcript.play(text);
        if (Boolean.getBoolean("quorate.transcripts.rewrite")) {
            Files.writeString(file, played);
            return;
        }
        List<String> expected = text.lines().toList();
        List<String> actual = played.lines().toList();
        for (int i = 0; i < Math.max(expected.size(), actual.size()); i++) {
            assertEquals(
                    i < expected.size() ? expected.get(i) : "(the end)",
                    i < actual.size() ? actual.get(i) : "(the end)",
                    file + ":" + (i + 1) + " tells something else than what happens; if the change is meant, run with"
                            + " -Dquorate.transcripts.rewrite=true and read the difference");
        }
    }

    @Test
    void proseAndEmptyLinesStayAndWhatIsBelowACommandIsReplaced() {
        String text = "# A group.\n\n> group 1\nnonsense\nmore of it\n\n# Its log.\n> log\n";

        assertEquals(
                "# A group.\n\n> group 1\n\n# Its log.\n> log\nn1  \n".replace("n1  \n", "n1\n"),
                Transcript.play(text));
    }

    @Test
    void aCommandThatIsNoneIsRefusedWithItsLine() {
        IllegalArgumentException failure =
                assertThrows(IllegalArgumentException.class, () -> Transcript.play("> group 3\n> dance 1\n"));

        assertEquals("line 2: \"dance\" is no command", failure.getMessage());
    }
}
