package dev.quorate.jepsen.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Servers whose time of day can be set from outside, each its own, with libfaketime; the machine's clock is left alone. Their
 * monotonic clock goes on, as it does when somebody sets a real clock.
 */
public final class FakeClock implements SystemUnderTest {

    private static final Path LIBRARIES = Path.of("/usr/lib");
    private static final String LIBRARY = "faketime/libfaketimeMT.so.1";
    private static final String CLOCK_FILE = "clock";

    private final SystemUnderTest system;
    private final Path library;

    /** @throws IllegalArgumentException if libfaketime is not installed */
    public FakeClock(SystemUnderTest system) {
        Path found = findLibrary();
        if (found == null) {
            throw new IllegalArgumentException("clocks can only be set with libfaketime, and there is no " + LIBRARIES
                    + "/*/" + LIBRARY + "; install it (Debian: libfaketime), or leave the nemesis \"clock\" out");
        }
        this.system = system;
        this.library = found;
    }

    public static boolean isInstalled() {
        return findLibrary() != null;
    }

    private static @Nullable Path findLibrary() {
        try (DirectoryStream<Path> architectures = Files.newDirectoryStream(LIBRARIES, Files::isDirectory)) {
            for (Path architecture : architectures) {
                if (Files.isRegularFile(architecture.resolve(LIBRARY))) {
                    return architecture.resolve(LIBRARY);
                }
            }
            return null;
        } catch (IOException e) {
            return null; // no such directory: no Linux, or none that has the library
        }
    }

    @Override
    public String name() {
        return system.name();
    }

    @Override
    public List<String> command(NodeAddress self, List<NodeAddress> members, Path dataDirectory) {
        return system.command(self, members, dataDirectory);
    }

    @Override
    public Map<String, String> environment(NodeAddress self, Path dataDirectory) {
        Path clock = clockFile(dataDirectory);
        setOffset(clock, 0);
        Map<String, String> environment = new HashMap<>(system.environment(self, dataDirectory));
        environment.put("LD_PRELOAD", library.toString());
        environment.put("FAKETIME_TIMESTAMP_FILE", clock.toString());
        environment.put("FAKETIME_CACHE_DURATION", "1"); // seconds until a change is noticed
        environment.put("DONT_FAKE_MONOTONIC", "1");
        return environment;
    }

    static Path clockFile(Path dataDirectory) {
        return dataDirectory.resolveSibling(CLOCK_FILE);
    }

    /** From a second from now on at the latest, the server's time of day is off by this much. */
    static void setOffset(Path clockFile, long seconds) {
        try {
            if (clockFile.getParent() != null) {
                Files.createDirectories(clockFile.getParent());
            }
            // Replaced, not rewritten: a server that looks just now finds a whole one.
            Path next = clockFile.resolveSibling(CLOCK_FILE + ".next");
            Files.writeString(next, String.format("%+ds%n", seconds));
            Files.move(next, clockFile, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot set the clock in " + clockFile, e);
        }
    }
}
