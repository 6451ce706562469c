package dev.quorate.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Requires;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What an embedder gets with the jar: three packages, and nothing else to put on the class path. */
class ModuleTest {

    @Test
    void theRootTheModelAndTheRuntimeAreTheWholePublicSurface() throws IOException {
        Set<String> exported = descriptor().exports().stream()
                .filter(exports -> !exports.isQualified())
                .map(ModuleDescriptor.Exports::source)
                .collect(Collectors.toSet());

        assertEquals(Set.of("dev.quorate.raft", "dev.quorate.raft.model", "dev.quorate.raft.runtime"), exported);
    }

    @Test
    void nothingButTheJdkIsRequiredAtRunTime() throws IOException {
        for (Requires required : descriptor().requires()) {
            assertTrue(
                    required.name().startsWith("java.") || required.modifiers().contains(Requires.Modifier.STATIC),
                    "module " + required.name() + " is required at run time");
        }
    }

    private static ModuleDescriptor descriptor() throws IOException {
        try (InputStream compiled = Files.newInputStream(Path.of("target/classes/module-info.class"))) {
            return ModuleDescriptor.read(compiled);
        }
    }
}
