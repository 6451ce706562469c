package dev.quorate.kv.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quorate.kv.backup.BackupFile;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** etcd's own command line works against every member. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EtcdctlTest {

    private static final String MISSING =
            "etcdctl is not installed here; the package etcd-client has it (apt-get install etcd-client)";

    private final TestCluster cluster;
    private final Path root;

    EtcdctlTest(@TempDir Path root) throws IOException {
        this.root = root;
        this.cluster = new TestCluster(root, 3, 100_000);
    }

    @BeforeAll
    void start() throws Exception {
        assumeInstalled();
        cluster.startAll().leader();
        for (String name : cluster.names()) {
            TestCluster.await(
                    "all members published",
                    () -> run(name, "", "member", "list")
                            .out()
                            .lines()
                            .allMatch(line -> line.contains(", started, n")));
        }
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    List<String> members() {
        return cluster.names();
    }

    @ParameterizedTest
    @MethodSource("members")
    void putGetAndDel(String member) {
        String key = "greeting-" + member;
        assertEquals("OK\n", run(member, "", "put", key, "hello").out());
        assertEquals(key + "\nhello\n", run(member, "", "get", key).out());
        assertEquals(
                "hello\n", run(member, "", "get", key, "--print-value-only").out());
        assertEquals(
                "OK\n" + key + "\nhello\n",
                run(member, "", "put", "--prev-kv", key, "bye").out());
        assertEquals(
                key + "\n\n",
                run(member, "", "get", "--prefix", key, "--keys-only").out());
        assertEquals(
                "1\n" + key + "\nbye\n",
                run(member, "", "del", "--prev-kv", key).out());
        assertEquals("", run(member, "", "get", key).out());
        assertEquals("0\n", run(member, "", "del", key).out());
    }

    @ParameterizedTest
    @MethodSource("members")
    void getWithOrderAndLimit(String member) {
        for (String suffix : List.of("a", "b", "c")) {
            run(member, "", "put", "list-" + member + "/" + suffix, suffix);
        }
        Result descending = run(
                member,
                "",
                "get",
                "--prefix",
                "list-" + member + "/",
                "--order=DESCEND",
                "--sort-by=KEY",
                "--limit=2",
                "--print-value-only");
        assertEquals("c\nb\n", descending.out());
    }

    @ParameterizedTest
    @MethodSource("members")
    void txn(String member) {
        String key = "txn-" + member;
        String create = "version(\"" + key + "\") = \"0\"\n\nput " + key + " created\n\nget " + key + "\n\n";
        assertEquals("SUCCESS\n\nOK\n", run(member, create, "txn").out());
        assertEquals(
                "FAILURE\n\n" + key + "\ncreated\n", run(member, create, "txn").out());
    }

    @ParameterizedTest
    @MethodSource("members")
    void compaction(String member) {
        String key = "compact-" + member;
        run(member, "", "put", key, "1");
        String json = run(member, "", "put", key, "2", "-w", "json").out();
        String revision = json.replaceAll("(?s).*\"revision\":(\\d+).*", "$1");

        assertEquals(
                "compacted revision " + revision + "\n",
                run(member, "", "compaction", "--physical", revision).out());
        Result again = run(member, "", "compaction", revision);
        assertNotEquals(0, again.exitCode());
        assertTrue(again.err().contains("required revision has been compacted"), again.err());
    }

    @ParameterizedTest
    @MethodSource("members")
    void endpointHealthAndStatus(String member) {
        Result health = run(member, "", "endpoint", "health");
        assertEquals(0, health.exitCode(), health.err());
        assertTrue((health.out() + health.err()).contains("is healthy"), health.toString());

        String status = run(member, "", "endpoint", "status", "-w", "simple").out();
        assertTrue(status.contains(", 3.6.5, "), status);
        String isLeader = Boolean.toString(cluster.leader().equals(member));
        assertTrue(
                status.contains(" B, " + isLeader + ", false, ") || status.contains("B, " + isLeader + ", false, "),
                status);
    }

    @ParameterizedTest
    @MethodSource("members")
    void memberList(String member) {
        List<String> lines =
                run(member, "", "member", "list").out().lines().sorted().toList();
        assertEquals(3, lines.size());
        for (String name : cluster.names()) {
            String client = "http://127.0.0.1:" + cluster.server(name).clientPort();
            assertTrue(
                    lines.stream()
                            .anyMatch(line -> line.contains(", started, " + name + ", http://127.0.0.1:")
                                    && line.contains(", " + client + ", false")),
                    lines.toString());
        }
    }

    @ParameterizedTest
    @MethodSource("members")
    void snapshotSave(String member) throws IOException {
        run(member, "", "put", "saved", "by " + member);
        Path file = root.resolve("saved-" + member + ".db");

        Result saved = run(member, "", "snapshot", "save", file.toString());

        assertEquals(0, saved.exitCode(), saved.err());
        BackupFile backup = BackupFile.open(file);
        backup.verify(read -> {});
        assertEquals(member, backup.info().member());
    }

    private record Result(int exitCode, String out, String err) {}

    private Result run(String member, String input, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                "etcdctl", "--endpoints=127.0.0.1:" + cluster.server(member).clientPort()));
        command.addAll(List.of(arguments));
        try {
            Path out = Files.createTempFile(root, "etcdctl", ".out");
            Path err = Files.createTempFile(root, "etcdctl", ".err");
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
            builder.environment().put("ETCDCTL_API", "3");
            Process process = builder.start();
            process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().close();
            assertTrue(process.waitFor(30, TimeUnit.SECONDS), command + " ends");
            return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Ends a test that needs it where it is not. */
    static void assumeInstalled() {
        assumeTrue(isInstalled(), MISSING);
    }

    private static boolean isInstalled() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, "etcdctl")));
    }
}
