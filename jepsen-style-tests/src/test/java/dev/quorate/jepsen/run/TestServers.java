package dev.quorate.jepsen.run;

import dev.quorate.jepsen.cluster.Etcd;
import dev.quorate.jepsen.cluster.Quorate;
import dev.quorate.jepsen.cluster.SystemUnderTest;
import dev.quorate.jepsen.cluster.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.jspecify.annotations.NullMarked;

/** What the tests start: the packaged product; etcd with {@code -Dchaos.system=etcd}, to try the tests themselves. */
@NullMarked
final class TestServers {

    private TestServers() {}

    static SystemUnderTest system(OptionalLong snapshotEveryEntries) {
        return isProduct() ? new Quorate(Quorate.findLibrary(), snapshotEveryEntries) : new Etcd(snapshotEveryEntries);
    }

    static boolean isProduct() {
        return !System.getProperty("chaos.system", "quorate").equals("etcd");
    }

    /** A new directory under target; it stays until the next run, so that logs can be read after a failure. */
    static Path newDirectory(String name) throws IOException {
        Path directory = Path.of("target", "servers", name);
        Trees.delete(directory);
        return Files.createDirectories(directory);
    }
}
