package dev.quorate.examples.counter;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The example as a user runs it: three processes on loopback, killed and restarted. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ReplicatedCounterTest {

    private static final List<String> NAMES = List.of("n1", "n2", "n3");

    @TempDir
    Path directory = Path.of("");

    private final Map<String, CounterProcess> processes = new HashMap<>();
    private String members = "";
    private long acknowledged;
    private long unknown;

    @BeforeEach
    void startThree() throws IOException {
        members = addresses();
        for (String name : NAMES) {
            start(name);
        }
    }

    @AfterEach
    void killAll() {
        processes.values().forEach(CounterProcess::kill);
    }

    @Test
    void nothingIsLostWhenProcessesAreKilledOneByOneAndAllAtOnce() throws Exception {
        add(20, NAMES);

        process("n1").kill();
        add(20, List.of("n2", "n3"));
        start("n1");
        add(20, NAMES);
        assertCount();

        killAll();
        for (String name : NAMES) {
            start(name);
        }
        assertCount();
        add(5, NAMES);
        assertCount();
    }

    /** Adds 1 so many times, in turn at each of these, and each time until it is done or may be. */
    private void add(int times, List<String> names) throws InterruptedException {
        for (int i = 0; i < times; i++) {
            String answer;
            do {
                answer = ask(names.get(i % names.size()), "add 1");
            } while (answer == null || answer.startsWith("not done: "));
            if (answer.startsWith("unknown: ")) {
                unknown++;
            } else {
                acknowledged++;
            }
        }
    }

    private void assertCount() throws InterruptedException {
        for (String name : NAMES) {
            String answer;
            do {
                answer = ask(name, "get");
            } while (answer == null || answer.startsWith("not done: "));
            assertTrue(answer.startsWith("value "), answer);
            long value = Long.parseLong(answer.substring("value ".length()));
            assertTrue(
                    acknowledged <= value && value <= acknowledged + unknown,
                    name + " says " + value + ", but " + acknowledged + " were acknowledged and " + unknown
                            + " more may have happened");
        }
    }

    private @Nullable String ask(String name, String question) throws InterruptedException {
        return process(name).ask(question);
    }

    private CounterProcess process(String name) {
        return Objects.requireNonNull(processes.get(name), name);
    }

    private void start(String name) throws IOException {
        processes.put(
                name, new CounterProcess(name, members, directory.resolve(name), directory.resolve(name + ".log")));
    }

    /** Addresses on ports that nobody listens on just now. */
    private static String addresses() throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        for (int i = 0; i < NAMES.size(); i++) {
            sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
        }
        List<String> members = new ArrayList<>();
        for (int i = 0; i < NAMES.size(); i++) {
            members.add(NAMES.get(i) + "=127.0.0.1:" + sockets.get(i).getLocalPort());
            sockets.get(i).close();
        }
        return members.stream().collect(Collectors.joining(","));
    }
}
