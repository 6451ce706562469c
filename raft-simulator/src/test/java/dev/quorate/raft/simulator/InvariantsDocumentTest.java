package dev.quorate.raft.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.model.Membership;
import dev.quorate.raft.simulator.invariant.Observer;
import dev.quorate.raft.simulator.mutation.Mutation;
import dev.quorate.raft.simulator.mutation.MutationRun;
import dev.quorate.raft.simulator.observe.Cluster;
import dev.quorate.raft.simulator.observe.Coverage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/invariants.md names classes, tests and mutations: all of them exist, and none is left out. */
class InvariantsDocumentTest {

    private static final Path DOCUMENT = Path.of("../docs/invariants.md");
    private static final Path MUTATIONS = Path.of("src/test/resources/mutations");
    private static final Pattern NAME = Pattern.compile("`([A-Za-z0-9-]+)`");
    private static final int ASSERTED_BY = 4;
    private static final int BROKEN_BY = 5;

    @Test
    void everyClassThatAssertsExists() throws IOException {
        Set<String> sources;
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            sources = files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
        }
        for (String name : names(ASSERTED_BY)) {
            boolean isPackage = Character.isLowerCase(name.charAt(0));
            assertTrue(isPackage || sources.contains(name + ".java"), "there is no class " + name);
        }
    }

    @Test
    void everyInvariantIsListed() throws IOException {
        Set<String> listed = names(ASSERTED_BY);
        List<String> missing = new Observer(new Cluster(List.of(), Membership.EMPTY), new Coverage())
                .names().stream().filter(name -> !listed.contains(name)).toList();
        assertEquals(List.of(), missing, "invariants that docs/invariants.md does not name");
    }

    @Test
    void everyTestAndMutationThatBreaksOneExists() throws IOException {
        String tests =
                Files.readString(Path.of("src/test/java/dev/quorate/raft/simulator/invariant/InvariantsFireTest.java"))
                        + Files.readString(Path.of("src/test/java/dev/quorate/raft/simulator/SimulationTest.java"));
        for (String name : names(BROKEN_BY)) {
            assertTrue(
                    Files.exists(MUTATIONS.resolve(name + ".txt")) || tests.contains("void " + name + "("),
                    "there is no test and no mutation " + name);
        }
    }

    @Test
    void everyMutationIsListed() throws IOException {
        Set<String> listed = names(BROKEN_BY);
        List<String> missing = MutationRun.readAll(MUTATIONS).stream()
                .map(Mutation::name)
                .filter(name -> !listed.contains(name))
                .toList();
        assertEquals(List.of(), missing, "mutations that docs/invariants.md does not name");
    }

    /** The names in backquotes in one column of the table of invariants. */
    private static Set<String> names(int column) throws IOException {
        Set<String> names = new TreeSet<>();
        for (String line : Files.readAllLines(DOCUMENT)) {
            if (line.matches("\\| I\\d+ \\|.*")) {
                Matcher matcher = NAME.matcher(line.split("\\|", -1)[column]);
                while (matcher.find()) {
                    names.add(matcher.group(1));
                }
            }
        }
        return names;
    }
}
