package dev.quorate.examples.counter;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The documents show this code as it is, and it stays a page long. */
class ReadmeTest {

    private static final Path SOURCE = Path.of("src/main/java/dev/quorate/examples/counter/ReplicatedCounter.java");
    private static final Path SIMULATION =
            Path.of("src/test/java/dev/quorate/examples/counter/CounterSimulationTest.java");
    private static final int MOST_LINES = 60;

    @Test
    void theExampleHasAtMostSixtyLines() throws IOException {
        int lines = Files.readAllLines(SOURCE).size();
        assertTrue(lines <= MOST_LINES, lines + " lines are more than " + MOST_LINES);
    }

    @Test
    void theReadmeShowsTheExampleAsItIs() throws IOException {
        String source = Files.readString(SOURCE);
        String shown = source.substring(source.indexOf("/** A number"));
        assertTrue(
                Files.readString(Path.of("../../README.md")).contains("```java\n" + shown + "```"),
                "copy ReplicatedCounter.java, from its first comment on, into the section 'Embed it' of the README");
    }

    @Test
    void theGuideToSimulationShowsTheTestAsItIs() throws IOException {
        String source = Files.readString(SIMULATION);
        String shown = source.substring(source.indexOf("import static"));
        assertTrue(
                Files.readString(Path.of("../../docs/simulate-your-state-machine.md"))
                        .contains("```java\n" + shown + "```"),
                "copy CounterSimulationTest.java, from its first import on, into docs/simulate-your-state-machine.md");
    }
}
