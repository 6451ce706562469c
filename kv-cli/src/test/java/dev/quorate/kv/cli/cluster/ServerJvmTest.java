package dev.quorate.kv.cli.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerJvmTest {

    @TempDir
    Path home = Path.of("");

    @Test
    void aServerRunsOnTheJdkAndTheClassesOfThisProcess() {
        List<String> command = new ServerJvm(Path.of("/jdk"), 17, "/lib/kv.jar", null)
                .command(List.of("-Xmx1g"), List.of("server", "--name", "n1"));

        assertEquals("/jdk/bin/java", command.get(0));
        assertEquals(
                List.of("-Xmx1g", "-cp", "/lib/kv.jar", "dev.quorate.kv.cli.Main", "server", "--name", "n1"),
                command.subList(command.size() - 7, command.size()));
    }

    @Test
    void aCollectorOfTheUsersReplacesOurs() {
        ServerJvm jvm = new ServerJvm(Path.of("/jdk"), 17, "/lib/kv.jar", home);

        assertTrue(jvm.command(List.of(), List.of()).contains("-XX:+UseSerialGC"));
        assertFalse(jvm.command(List.of("-XX:+UseZGC"), List.of()).contains("-XX:+UseSerialGC"));
    }

    @Test
    void theArchiveOfThisJdkIsUsedWhereThereIsOne() throws IOException {
        Path archive = home.resolve("start-up/21/server.jsa");
        Files.createDirectories(archive.resolveSibling("x"));
        Files.writeString(archive, "");

        List<String> fits = new ServerJvm(Path.of("/jdk"), 21, "cp", home).command(List.of(), List.of());
        List<String> other = new ServerJvm(Path.of("/jdk"), 17, "cp", home).command(List.of(), List.of());

        assertTrue(fits.contains("@" + home.resolve("server.options")));
        assertTrue(fits.contains("-XX:SharedArchiveFile=" + archive));
        assertTrue(other.stream().noneMatch(argument -> argument.startsWith("-XX:SharedArchiveFile")));
    }

    @Test
    void newerJdksAreToldWhatNettyAndRocksDbDo() {
        List<String> newer = new ServerJvm(Path.of("/jdk"), 25, "cp", null).command(List.of(), List.of());
        List<String> floor = new ServerJvm(Path.of("/jdk"), 17, "cp", null).command(List.of(), List.of());

        assertTrue(newer.contains("--enable-native-access=ALL-UNNAMED"));
        assertFalse(floor.contains("--enable-native-access=ALL-UNNAMED"));
    }
}
