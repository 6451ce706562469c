package dev.quorate.jepsen.cluster;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Servers whose time of day can be set from outside, each its own; the machine's clock is left alone. A small library,
 * {@code clock.c}, is compiled and loaded into them. It reaches what asks the C library for the time: Java and RocksDB do,
 * etcd (a Go program) does not.
 */
public final class FakeClock implements SystemUnderTest {

    private static final String COMPILER = "cc";
    private static final String SOURCE = "clock.c";
    private static final String LIBRARY = "clock.so";
    private static final String CLOCK_FILE = "clock";

    private final SystemUnderTest system;
    private final Path library;

    /**
     * @param directory for the library
     * @throws IllegalArgumentException if there is no compiler, or the system does not ask the C library for the time
     */
    public FakeClock(SystemUnderTest system, Path directory) {
        if (!(system instanceof Quorate)) {
            throw new IllegalArgumentException(
                    "the clock of " + system.name() + " cannot be set; leave the nemesis \"clock\" out");
        }
        if (!isAvailable()) {
            throw new IllegalArgumentException("a C compiler is needed to set clocks, and there is no " + COMPILER
                    + " on the PATH; install one (Debian: gcc), or leave the nemesis \"clock\" out");
        }
        this.system = system;
        this.library = compile(directory.toAbsolutePath());
    }

    /** True if this machine has what it takes: Linux and a C compiler. */
    public static boolean isAvailable() {
        return System.getProperty("os.name").equals("Linux")
                && Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
                        .anyMatch(directory -> Files.isExecutable(Path.of(directory, COMPILER)));
    }

    private static Path compile(Path directory) {
        try (InputStream source = Objects.requireNonNull(FakeClock.class.getResourceAsStream(SOURCE), SOURCE)) {
            Files.createDirectories(directory);
            Path copy = directory.resolve(SOURCE);
            Files.copy(source, copy, StandardCopyOption.REPLACE_EXISTING);
            Path library = directory.resolve(LIBRARY);
            List<String> command = List.of(
                    COMPILER,
                    "-O2",
                    "-Wall",
                    "-Wextra",
                    "-shared",
                    "-fPIC",
                    "-o",
                    library.toString(),
                    copy.toString(),
                    "-ldl");
            int exit = new ProcessBuilder(command).inheritIO().start().waitFor();
            if (exit != 0) {
                throw new IllegalStateException(String.join(" ", command) + " failed with exit code " + exit);
            }
            return library;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot compile " + SOURCE + " in " + directory, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while compiling " + SOURCE, e);
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
        environment.put("CHAOS_CLOCK_FILE", clock.toString());
        return environment;
    }

    static Path clockFile(Path dataDirectory) {
        return dataDirectory.resolveSibling(CLOCK_FILE);
    }

    /** From now on the server's time of day is off by this much. */
    static void setOffset(Path clockFile, long seconds) {
        try {
            Files.createDirectories(Objects.requireNonNull(clockFile.getParent()));
            // In place, eight bytes at once: the servers have the file mapped.
            ByteBuffer offset = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
            offset.putLong(seconds).flip();
            try (FileChannel file = FileChannel.open(clockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                file.write(offset, 0);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot set the clock in " + clockFile, e);
        }
    }
}
