package dev.quorate.kv.cli.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.kv.cli.CliException;
import dev.quorate.kv.cli.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterDirectoryTest {

    @TempDir
    Path temporary = Path.of("");

    @Test
    void remembersHowTheClusterWasMade() throws IOException {
        ClusterDirectory directory = new ClusterDirectory(temporary);
        ClusterSettings settings = new ClusterSettings(
                ClusterLayout.plan("t", 3, 4000),
                List.of("-Xmx1g", "-XX:+UseSerialGC"),
                List.of("--snapshot-every", "9"));

        assertNull(directory.layoutIfPresent());
        directory.save(settings);

        assertEquals(settings, directory.settings());
    }

    @Test
    void aDamagedFileIsNamed() throws IOException {
        Files.writeString(temporary.resolve("cluster.properties"), "token=t\nnodes=n1\nn1.client=nonsense\n");

        CliException e = assertThrows(CliException.class, () -> new ClusterDirectory(temporary).layoutIfPresent());

        assertTrue(String.valueOf(e.getMessage()).contains("cluster.properties"), e.getMessage());
        assertTrue(String.valueOf(e.getMessage()).contains("nonsense"), e.getMessage());
    }

    @Test
    void twoCommandsAtOnceDoNotMix() throws IOException {
        ClusterDirectory directory = new ClusterDirectory(temporary);

        try (ClusterDirectory.Lock lock = directory.lock()) {
            assertFalse(lock.madeDirectory());
            CliException e = assertThrows(CliException.class, directory::lock);
            assertEquals(ExitCode.DEFINITE, e.exitCode());
        }
        directory.lock().close();
    }

    @Test
    void destroyLeavesWhatIsNotOurs() throws IOException {
        ClusterDirectory directory = new ClusterDirectory(temporary.resolve("c"));
        directory.lock().close();
        ClusterLayout layout = ClusterLayout.plan("t", 1, 4000);
        directory.save(new ClusterSettings(layout, List.of(), List.of()));
        Files.createDirectories(temporary.resolve("c/n1/data/sub"));
        Path other = Files.writeString(temporary.resolve("c/notes.txt"), "mine");

        directory.delete(layout);
        assertEquals(List.of(other), directory.foreignContent());

        Files.delete(other);
        directory.delete(layout);
        assertFalse(Files.exists(temporary.resolve("c")));
    }

    @Test
    void aStartInAForeignDirectoryChangesNothing() throws IOException {
        Path other = Files.writeString(temporary.resolve("notes.txt"), "mine");

        CliException e = assertThrows(CliException.class, () -> start(null, null));

        assertEquals(ExitCode.DEFINITE, e.exitCode());
        assertTrue(String.valueOf(e.getMessage()).contains("notes.txt"), e.getMessage());
        try (Stream<Path> content = Files.list(temporary)) {
            assertEquals(List.of(other), content.toList());
        }
    }

    @Test
    void aStartWithAnotherShapeOrTokenIsRefused() throws IOException {
        new ClusterDirectory(temporary)
                .save(new ClusterSettings(ClusterLayout.plan("t", 3, 4000), List.of(), List.of()));

        assertThrows(CliException.class, () -> start(5, null));
        CliException e = assertThrows(CliException.class, () -> start(null, "other"));

        assertTrue(String.valueOf(e.getMessage()).contains("holds the cluster 't', not 'other'"), e.getMessage());
    }

    private void start(@Nullable Integer nodes, @Nullable String token) {
        new ClusterManager(new ClusterDirectory(temporary))
                .start(new StartRequest(nodes, null, token, List.of(), List.of(), null, false, Duration.ofSeconds(1)));
    }
}
