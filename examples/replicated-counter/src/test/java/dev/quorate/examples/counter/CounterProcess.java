package dev.quorate.examples.counter;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One process of the example, asked over its standard input. */
final class CounterProcess implements AutoCloseable {

    /** An answer comes after a request's timeout at the latest; the rest is for a busy machine. */
    private static final long ANSWER_SECONDS = 60;

    private final String name;
    private final Process process;
    private final Writer questions;
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

    /** @param log where its log lines go */
    CounterProcess(String name, String members, Path directory, Path log) throws IOException {
        this.name = name;
        this.process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ReplicatedCounter.class.getName(),
                        name,
                        members,
                        directory.toString()))
                .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        this.questions = process.outputWriter(StandardCharsets.UTF_8);
        Thread reader = new Thread(this::readAnswers, "answers of " + name);
        reader.setDaemon(true);
        reader.start();
    }

    private void readAnswers() {
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            in.lines().forEach(answers::add);
        } catch (IOException | UncheckedIOException e) {
            answers.add("no more answers: " + e);
        }
    }

    /** Asks, and waits for the answer; null if the process is gone. */
    @Nullable
    String ask(String question) throws InterruptedException {
        try {
            questions.write(question + "\n");
            questions.flush();
        } catch (IOException e) {
            return null;
        }
        String answer = answers.poll(ANSWER_SECONDS, TimeUnit.SECONDS);
        if (answer == null && process.isAlive()) {
            throw new AssertionError(name + " did not answer '" + question + "'");
        }
        return answer;
    }

    /** {@code kill -9}; returns when it is gone. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        kill();
    }
}
