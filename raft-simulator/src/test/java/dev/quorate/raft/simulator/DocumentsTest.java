package dev.quorate.raft.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.simulator.mutation.Mutation;
import dev.quorate.raft.simulator.mutation.MutationRun;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** docs/mutations.md and docs/paper.md name mutations, invariants and tests of all modules: all exist, and no mutation is left out. */
class DocumentsTest {

    private static final Path DOCUMENT = Path.of("../docs/mutations.md");
    private static final Path PAPER = Path.of("../docs/paper.md");
    private static final Path INVARIANTS = Path.of("src/main/java/dev/quorate/raft/simulator/invariant");
    private static final Path MUTATIONS = Path.of("src/test/resources/mutations");
    private static final Pattern FILE = Pattern.compile("`(\\d\\d[a-z]?-[a-z-]+)`");
    private static final Pattern INVARIANT = Pattern.compile("`([A-Z][a-z]+[A-Za-z]*)`");
    private static final Pattern TEST = Pattern.compile("`([A-Z][A-Za-z]*Test)(?:\\.([a-z][A-Za-z]*))?`");

    @Test
    void everyMutationIsListedAndNoOther() throws IOException {
        Set<String> listed = new TreeSet<>();
        Matcher matcher = FILE.matcher(Files.readString(DOCUMENT));
        while (matcher.find()) {
            listed.add(matcher.group(1));
        }

        assertEquals(
                MutationRun.readAll(MUTATIONS).stream()
                        .map(Mutation::name)
                        .collect(Collectors.toCollection(TreeSet::new)),
                listed);
    }

    /** The last column of each row: the seeds that have caught its mutations, in their order. */
    @Test
    void theSeedsAreThoseThatWereKept() throws IOException {
        Map<String, Integer> kept =
                MutationRun.readAll(MUTATIONS).stream().collect(Collectors.toMap(Mutation::name, Mutation::kept));
        for (String line : Files.readAllLines(DOCUMENT)) {
            Matcher matcher = FILE.matcher(line);
            List<String> seeds = new ArrayList<>();
            while (line.matches("\\| \\d+ .*") && matcher.find()) {
                seeds.add(String.valueOf(kept.get(matcher.group(1))));
            }
            if (!seeds.isEmpty()) {
                assertTrue(
                        line.endsWith("| " + String.join(", ", seeds) + " |"), () -> seeds + " end this row: " + line);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"../docs/mutations.md", "../docs/paper.md"})
    void everyTestThatIsNamedExists(String document) throws IOException {
        Map<String, String> tests = testSources();
        Matcher matcher = TEST.matcher(Files.readString(Path.of(document)));
        int named = 0;
        while (matcher.find()) {
            String source = tests.getOrDefault(matcher.group(1), "");
            assertFalse(source.isEmpty(), () -> "there is no " + matcher.group(1));
            assertTrue(
                    matcher.group(2) == null || source.contains(" " + matcher.group(2) + "("),
                    () -> matcher.group() + " does not exist");
            named++;
        }
        assertTrue(named > 30, "the pattern finds the tests");
    }

    @Test
    void everyInvariantThatIsNamedExists() throws IOException {
        Matcher matcher = INVARIANT.matcher(Files.readString(PAPER));
        int named = 0;
        while (matcher.find()) {
            String name = matcher.group(1);
            assertTrue(
                    name.endsWith("Test") || Files.exists(INVARIANTS.resolve(name + ".java")),
                    () -> "there is no invariant " + name);
            named++;
        }
        assertTrue(named > 15, "the pattern finds the invariants");
    }

    /** By the name of the class; tests of two modules with one name count as one. */
    private static Map<String, String> testSources() throws IOException {
        Map<String, String> sources = new HashMap<>();
        Files.walkFileTree(Path.of(".."), new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                String name = directory.getFileName().toString();
                boolean isOfNoInterest =
                        List.of("target", "main", ".git", "docs").contains(name);
                return isOfNoInterest ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                String name = file.getFileName().toString();
                if (name.endsWith("Test.java")) {
                    sources.merge(name.replace(".java", ""), Files.readString(file), String::concat);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return sources;
    }
}
