package dev.quorate.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Requires;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What an embedder gets with the jar: three packages, and nothing else to put on the class path. */
class ModuleTest {

    private static final Pattern PUBLIC_TYPE =
            Pattern.compile("^public .*\\b(class|record|interface|enum) ", Pattern.MULTILINE);

    @Test
    void theRootTheModelAndTheRuntimeAreTheWholePublicSurface() throws IOException {
        Set<String> exported = descriptor().exports().stream()
                .filter(exports -> !exports.isQualified())
                .map(ModuleDescriptor.Exports::source)
                .collect(Collectors.toSet());

        assertEquals(
                Set.of(
                        "dev.quorate.raft",
                        "dev.quorate.raft.model",
                        "dev.quorate.raft.runtime",
                        "dev.quorate.raft.session"),
                exported);
    }

    @Test
    void nothingButTheJdkIsRequiredAtRunTime() throws IOException {
        for (Requires required : descriptor().requires()) {
            assertTrue(
                    required.name().startsWith("java.") || required.modifiers().contains(Requires.Modifier.STATIC),
                    "module " + required.name() + " is required at run time");
        }
    }

    @Test
    void thePageOfThePublicSurfaceListsEveryTypeAndNoOther() throws IOException {
        List<String> expected = new ArrayList<>();
        for (String exported : List.of(
                "dev.quorate.raft", "dev.quorate.raft.model", "dev.quorate.raft.runtime", "dev.quorate.raft.session")) {
            expected.add(exported);
            expected.addAll(publicTypes(exported));
        }
        List<String> listed = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("../docs/raft-core-api.md"))) {
            if (line.startsWith("## ")) {
                listed.add(line.substring("## ".length()));
            } else if (line.startsWith("| `")) {
                listed.add(line.substring("| `".length(), line.indexOf("` | ")));
            }
        }

        assertEquals(expected, listed, "docs/raft-core-api.md");
    }

    private static List<String> publicTypes(String exported) throws IOException {
        List<String> types = new ArrayList<>();
        Path sources = Path.of("src/main/java", exported.split("[.]", -1));
        try (DirectoryStream<Path> files = Files.newDirectoryStream(sources, "[A-Z]*.java")) {
            for (Path file : files) {
                if (PUBLIC_TYPE.matcher(Files.readString(file)).find()) {
                    types.add(file.getFileName().toString().replace(".java", ""));
                }
            }
        }
        Collections.sort(types);
        return types;
    }

    private static ModuleDescriptor descriptor() throws IOException {
        try (InputStream compiled = Files.newInputStream(Path.of("target/classes/module-info.class"))) {
            return ModuleDescriptor.read(compiled);
        }
    }
}
