package dev.quorate.jepsen.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One server: at most one process at a time, over one data directory. Any thread, one at a time. */
final class ServerProcess {

    private enum State {
        /** Never started, or killed by us. */
        DOWN,
        RUNNING,
        PAUSED
    }

    private final NodeAddress address;
    private final List<String> command;
    private final Map<String, String> environment;
    private final Path log;
    private State state = State.DOWN;
    private @Nullable Process process;

    ServerProcess(NodeAddress address, List<String> command, Map<String, String> environment, Path log) {
        this.address = address;
        this.command = command;
        this.environment = environment;
        this.log = log;
    }

    NodeAddress address() {
        return address;
    }

    Path log() {
        return log;
    }

    synchronized boolean isRunning() {
        return state == State.RUNNING && process != null && process.isAlive();
    }

    synchronized boolean isUp() {
        return state != State.DOWN;
    }

    /** Starts it, unless it runs. What it prints is appended to its log. */
    synchronized void start() {
        if (state != State.DOWN) {
            return;
        }
        try {
            Files.createDirectories(Objects.requireNonNull(log.getParent()));
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
            builder.environment().putAll(environment);
            process = builder.start();
            process.getOutputStream().close();
            state = State.RUNNING;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + address.name() + " with " + command, e);
        }
    }

    /** {@code kill -9}, also of a paused process; returns when it is gone. */
    synchronized void kill() {
        if (process != null) {
            process.destroyForcibly();
            try {
                // SIGKILL cannot be refused: this ends, but for a process stuck in the kernel.
                if (!process.waitFor(30, TimeUnit.SECONDS)) {
                    throw new IllegalStateException(address.name() + ", pid " + process.pid() + ", survived kill -9");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        state = State.DOWN;
    }

    /** SIGSTOP: it stands still, its connections stay. */
    synchronized void pause() {
        if (isRunning()) {
            signal("-STOP");
            state = State.PAUSED;
        }
    }

    /** SIGCONT. */
    synchronized void resume() {
        if (state == State.PAUSED) {
            signal("-CONT");
            state = State.RUNNING;
        }
    }

    private void signal(String signal) {
        String pid = Long.toString(Objects.requireNonNull(process).pid());
        try {
            int exit =
                    new ProcessBuilder("kill", signal, pid).inheritIO().start().waitFor();
            if (exit != 0 && process.isAlive()) {
                throw new IllegalStateException("kill " + signal + " " + pid + " failed with exit code " + exit);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run kill " + signal + " " + pid, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The exit code of a process that ended although we did not kill it. */
    synchronized OptionalInt unexpectedExit() {
        boolean unexpected = state != State.DOWN && process != null && !process.isAlive();
        return unexpected ? OptionalInt.of(Objects.requireNonNull(process).exitValue()) : OptionalInt.empty();
    }

    /** Forgets a process that ended by itself, so that it can be started again. */
    synchronized void acceptExit() {
        state = State.DOWN;
    }
}
