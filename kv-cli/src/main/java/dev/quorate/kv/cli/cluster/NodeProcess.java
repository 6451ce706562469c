package dev.quorate.kv.cli.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A server process that kv started, known by its pid <em>and</em> the moment when it started: a pid alone may belong to
 * somebody else by now, and that somebody must not be killed.
 */
final class NodeProcess {

    private final ProcessHandle handle;

    private NodeProcess(ProcessHandle handle) {
        this.handle = handle;
    }

    /** Remembers a process that was just started. */
    static NodeProcess remember(Process process, Path pidFile) throws IOException {
        Files.writeString(pidFile, process.pid() + "\n" + birthMark(process.toHandle()) + "\n");
        return new NodeProcess(process.toHandle());
    }

    /** The process that the file names, or null if that one has ended. */
    static @Nullable NodeProcess read(Path pidFile) throws IOException {
        if (!Files.exists(pidFile)) {
            return null;
        }
        List<String> lines = Files.readAllLines(pidFile);
        if (lines.size() < 2) {
            return null;
        }
        long pid;
        try {
            pid = Long.parseLong(lines.get(0));
        } catch (NumberFormatException e) {
            return null;
        }
        Optional<ProcessHandle> handle = ProcessHandle.of(pid);
        if (handle.isEmpty()) {
            return null;
        }
        NodeProcess process = new NodeProcess(handle.get());
        return process.isAlive() && birthMark(handle.get()).equals(lines.get(1)) ? process : null;
    }

    long pid() {
        return handle.pid();
    }

    boolean isAlive() {
        if (!handle.isAlive()) {
            return false;
        }
        try {
            return !ProcStat.read(handle.pid()).ended();
        } catch (IOException e) {
            // No such file system here, or it ended this moment.
            return handle.isAlive();
        }
    }

    /** SIGTERM: stop in good order. */
    void terminate() {
        handle.destroy();
    }

    /** SIGKILL: stop at once. */
    void kill() {
        handle.destroyForcibly();
    }

    /** Waits for its end; false if it still runs after this time. */
    boolean awaitEnd(Duration limit) {
        return Waiting.until(() -> !isAlive(), limit);
    }

    /**
     * On Linux the start in clock ticks since boot, and which boot: unlike a time of day, that does not move when somebody
     * sets the clock. Elsewhere the time of day.
     */
    private static String birthMark(ProcessHandle handle) {
        try {
            String boot =
                    Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
            return "boot " + boot + " tick " + ProcStat.read(handle.pid()).startTicks();
        } catch (IOException e) {
            return "time " + handle.info().startInstant().map(Object::toString).orElse("unknown");
        }
    }
}
