package dev.quorate.kv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.kv.cli.cluster.ClusterDirectory;
import dev.quorate.kv.cli.cluster.ClusterManager;
import dev.quorate.kv.cli.cluster.FreePorts;
import dev.quorate.kv.cli.cluster.NodeView;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands of the README against real server processes. */
@Timeout(180)
class ClusterEndToEndTest {

    @TempDir
    Path temporary = Path.of("");

    private Path directory = Path.of("");
    private int basePort;
    private final PrintStream standardOutput = System.out;
    private final PrintStream standardError = System.err;
    private final InputStream standardInput = System.in;

    /** How a command ended. */
    private record Ran(int code, String out, String err) {}

    @BeforeEach
    void choosePlaceAndPorts() {
        directory = temporary.resolve("cluster");
        basePort = FreePorts.basePort(3);
    }

    @AfterEach
    void leaveNothingRunning() {
        System.setOut(standardOutput);
        System.setErr(standardError);
        System.setIn(standardInput);
        if (Files.exists(directory.resolve("cluster.properties"))) {
            new ClusterManager(new ClusterDirectory(directory)).destroy();
        }
    }

    @Test
    void aClusterLivesThroughTheReadme() throws IOException {
        succeed("cluster", "start", "--base-port", Integer.toString(basePort));
        assertEquals("OK\n", succeed("put", "greeting", "hello").out());
        assertEquals("hello\n", succeed("get", "greeting").out());

        List<NodeView> nodes = status();
        assertEquals(
                1,
                nodes.stream()
                        .filter(node -> node.answer().role().equals("leader"))
                        .count());
        assertEquals(
                2,
                nodes.stream()
                        .filter(node -> node.answer().role().equals("follower"))
                        .count());
        String json = succeed("cluster", "status", "--output", "json").out();
        assertTrue(
                json.startsWith(
                        "{\"nodes\":[{\"name\":\"n1\",\"pid\":" + nodes.get(0).pid() + ",\"client\":"),
                json);

        Ran again = succeed("cluster", "start");
        assertTrue(again.out().contains("is running already"), again.out());

        succeed("cluster", "kill", leader());
        assertEquals("hello\n", succeed("get", "greeting").out());
        succeed("put", "greeting", "hello again");
        succeed("cluster", "start");
        assertEquals(3, pids().size());

        // All at once, as when the power fails.
        List.of("n1", "n2", "n3").forEach(name -> succeed("cluster", "kill", name));
        assertEquals(ExitCode.DEFINITE.code(), run("get", "greeting").code());
        succeed("cluster", "start");
        assertEquals("hello again\n", succeed("get", "greeting").out());

        succeed("cluster", "restart", "n2");
        succeed("cluster", "stop");
        assertEquals(List.of(), pids());
        String log = Files.readString(directory.resolve("n1/server.log"));
        assertTrue(log.contains("n1 stopped"), "what a server says last is not lost: " + log);
        succeed("cluster", "start");
        assertEquals("hello again\n", succeed("get", "greeting").out());

        List<Long> pids = pids();
        succeed("cluster", "destroy", "--yes");
        assertFalse(Files.exists(directory));
        pids.forEach(pid ->
                assertFalse(ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false), "process " + pid));
    }

    @Test
    void theClientCommandsSayWhatTheyDid() {
        succeed("cluster", "start", "--nodes", "1", "--base-port", Integer.toString(basePort));

        assertEquals(ExitCode.NOT_FOUND.code(), run("get", "missing").code());
        System.setIn(new ByteArrayInputStream(new byte[] {(byte) 0xff, 0, 10}));
        succeed("put", "binary", "-");
        assertTrue(succeed("get", "binary", "-o", "json").out().contains("\"valueBase64\":\"/wAK\""));
        succeed("put", "users/a", "1");
        succeed("put", "users/b", "2");
        assertEquals(
                "users/a\t1\nusers/b\t2\n", succeed("get", "--prefix", "users/").out());
        assertEquals(
                "users/a\n",
                succeed("get", "--prefix", "users/", "--keys-only", "--limit", "1")
                        .out());
        assertEquals("2\n", succeed("get", "--prefix", "users/", "--count-only").out());

        String txn = "version(\"lock\") = \"0\"\n\nput lock me\nget users/a\n\nget lock\n";
        System.setIn(new ByteArrayInputStream(txn.getBytes(StandardCharsets.UTF_8)));
        assertEquals("SUCCESS\n\nOK\n\nusers/a\t1\n", succeed("txn").out());
        System.setIn(new ByteArrayInputStream(txn.getBytes(StandardCharsets.UTF_8)));
        assertEquals("FAILURE\n\nlock\tme\n", succeed("txn").out());

        assertEquals("2\n", succeed("del", "--prefix", "users/").out());
        assertEquals("0\n", succeed("del", "users/a").out());
        assertTrue(succeed("status").out().contains("leader"));
        assertTrue(succeed("members").out().contains("n1"));

        Ran empty = run("put", "", "value");
        assertEquals(ExitCode.DEFINITE.code(), empty.code());
        assertTrue(empty.err().contains("key is not provided"), empty.err());

        String bench = succeed(
                        "bench",
                        "mixed",
                        "--clients",
                        "8",
                        "--key-space",
                        "50",
                        "--total",
                        "400",
                        "--warm-up",
                        "1ms",
                        "--output",
                        "json")
                .out();
        assertTrue(bench.contains("\"operations\":400,"), bench);
        assertTrue(bench.contains("\"missing\":0,"), bench);
        String watch = succeed(
                        "bench",
                        "watch",
                        "--watchers",
                        "200",
                        "--watchers-per-key",
                        "4",
                        "--rate",
                        "200",
                        "--warm-up",
                        "100ms",
                        "--duration",
                        "1s",
                        "--output",
                        "json")
                .out();
        assertTrue(watch.matches("(?s).*\"acknowledged\":2[12]\\d,\"failed\":0,\"events\":8\\d\\d,.*"), watch);
        succeed("put", "kv-check-perf/mine", "1");
        Ran occupied = run("check", "perf", "--duration", "1s");
        assertEquals(ExitCode.DEFINITE.code(), occupied.code());
        assertTrue(occupied.err().contains("there are 1 keys under 'kv-check-perf/'"), occupied.err());
        String check =
                run("check", "perf", "--duration", "1s", "--prefix", "mine/").out();
        assertTrue(check.matches("(?s)(PASS|FAIL): Throughput is \\d+ of 150 puts/s\n.*(PASS|FAIL)\n"), check);
        assertEquals("0\n", succeed("get", "--prefix", "mine/", "--count-only").out());
    }

    @Test
    void permissionsAreManagedAndAskedFor() {
        succeed("cluster", "start", "--nodes", "1", "--base-port", Integer.toString(basePort));
        succeed("put", "config/a", "1");
        typed("rootpw\n", "user", "add", "root");
        succeed("user", "grant-role", "root", "root");
        typed("alicepw\n", "user", "add", "alice");
        succeed("role", "add", "readers");
        succeed("role", "grant-permission", "readers", "read", "config/", "--prefix");
        succeed("user", "grant-role", "alice", "readers");
        succeed("auth", "enable");

        Ran nobody = run("get", "config/a");
        assertEquals(ExitCode.DEFINITE.code(), nobody.code());
        assertTrue(nobody.err().contains("user name is empty"), nobody.err());
        assertEquals(
                "1\n", succeed("get", "config/a", "--user", "alice:alicepw").out());
        Ran denied = run("put", "config/a", "2", "--user", "alice:alicepw");
        assertEquals(ExitCode.DEFINITE.code(), denied.code());
        assertTrue(denied.err().contains("permission denied"), denied.err());
        Ran wrong = run("get", "config/a", "--user", "alice:wrong");
        assertTrue(wrong.err().contains("authentication failed"), wrong.err());
        assertEquals(
                "{\"user\":\"alice\",\"roles\":[\"readers\"]}\n",
                succeed("user", "get", "alice", "--user", "root:rootpw", "-o", "json")
                        .out());

        String[] load = {"bench", "put", "--clients", "2", "--connections", "2", "--total", "50", "--warm-up", "1ms"};
        Ran unnamed = run("check", "perf", "--duration", "1s");
        assertTrue(unnamed.err().contains("user name is empty"), unnamed.err());
        String[] ours = Arrays.copyOf(load, load.length + 2);
        ours[load.length] = "--user";
        ours[load.length + 1] = "root:rootpw";
        assertTrue(succeed(ours).out().contains("definite 0   indefinite 0"), unnamed.err());
        succeed("auth", "disable", "--user", "root:rootpw");
        assertEquals("OK\n", succeed("put", "config/a", "2").out());
    }

    @Test
    void keysGoWithTheirLease() {
        succeed("cluster", "start", "--nodes", "1", "--base-port", Integer.toString(basePort));
        String lease = succeed("lease", "grant", "60s").out().trim();
        succeed("put", "--lease", lease, "service", "up");

        assertEquals(lease + "\n", succeed("lease", "list").out());
        assertEquals(
                "lease " + lease + " lasts for 60 s\n",
                succeed("lease", "keep-alive", "--once", lease).out());
        String left = succeed("lease", "timetolive", lease, "--keys").out();
        assertTrue(left.matches("lease " + lease + " lasts for (59|60) of 60 s\nservice\n"), left);
        succeed("lease", "revoke", lease);
        assertEquals(ExitCode.NOT_FOUND.code(), run("get", "service").code());

        Ran gone = run("lease", "keep-alive", lease);
        assertEquals(ExitCode.DEFINITE.code(), gone.code());
        assertTrue(gone.err().contains("there is no lease " + lease), gone.err());
        assertEquals(ExitCode.USAGE.code(), run("put", "--lease", "0", "k", "v").code());
        assertEquals(ExitCode.USAGE.code(), run("lease", "revoke", "xyz").code());
    }

    @Test
    void changesAreWatchedFromARevisionOnAndOverTheEndOfAServer() throws Exception {
        succeed("cluster", "start", "--base-port", Integer.toString(basePort));
        String json = succeed("put", "users/a", "1", "-o", "json").out();
        String revision = json.replaceAll("(?s).*\"revision\":(\\d+).*", "$1");
        succeed("put", "users/a", "2");
        succeed("del", "users/a");

        assertEquals(
                "PUT\tusers/a\t1\nPUT\tusers/a\t2\t(before: 1)\nDELETE\tusers/a\t(before: 2)\n",
                succeed("watch", "--prefix", "users/", "--rev", revision, "--count", "3", "--prev-kv")
                        .out());
        succeed("cluster", "kill", "n1"); // the first that is asked
        assertEquals(
                "DELETE\tusers/a\n",
                succeed("watch", "users/a", "--rev", revision, "--count", "1", "--only", "delete")
                        .out());
        assertEquals(ExitCode.USAGE.code(), run("watch", "k", "--count", "0").code());
        Ran future = run("watch", "users/a", "END", "--prefix");
        assertEquals(ExitCode.USAGE.code(), future.code());
    }

    @Test
    void historyIsGivenUpAndMembersAreCompared() {
        succeed("cluster", "start", "--base-port", Integer.toString(basePort));
        succeed("put", "k", "1");
        succeed("put", "k", "2");
        succeed("get", "k");

        assertEquals(
                "compacted revision 3\n", succeed("compact", "3", "--physical").out());
        assertEquals(ExitCode.DEFINITE.code(), run("compact", "3").code());
        String hashes = succeed("hashkv", "--rev", "3").out();
        List<String> lines = hashes.lines()
                .skip(1)
                .map(line -> line.replaceAll("^\\S+ +", ""))
                .toList();
        assertEquals(3, lines.size(), hashes);
        assertEquals(1, lines.stream().distinct().count(), hashes);
        assertEquals(3, succeed("defrag").out().lines().count());
        assertEquals("", succeed("alarm", "list").out());
        assertEquals(
                "{\"alarms\":[]}\n", succeed("alarm", "disarm", "-o", "json").out());
    }

    @Test
    void aBackupBecomesAnotherCluster() throws IOException {
        succeed("cluster", "start", "--base-port", Integer.toString(basePort));
        succeed("put", "k", "saved");
        String file = temporary.resolve("backup.db").toString();
        String saved = succeed("snapshot", "save", file, "-o", "json").out();
        succeed("put", "k", "too late");

        assertEquals(
                "rw-------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(Path.of(file))),
                "for its owner");
        assertEquals(saved, capture("snapshot", "status", file, "-o", "json").out());
        assertTrue(saved.contains("\"revision\":2,\"compactRevision\":-1,"), saved);
        Ran again = run("snapshot", "save", file);
        assertEquals(ExitCode.USAGE.code(), again.code());
        assertTrue(again.err().contains("say --overwrite"), again.err());
        succeed("snapshot", "save", file, "--overwrite", "--consistency", "local");
        Ran existing = run("cluster", "start", "--restore", file);
        assertEquals(ExitCode.DEFINITE.code(), existing.code());
        assertTrue(existing.err().contains("--restore begins a new one"), existing.err());
        succeed("cluster", "destroy", "--yes");

        succeed("cluster", "start", "--base-port", Integer.toString(basePort), "--restore", file);
        assertEquals("too late\n", succeed("get", "k").out());
        assertEquals(3, succeed("hashkv").out().lines().skip(1).count());
        succeed("cluster", "stop");
        succeed("cluster", "start");
        assertEquals("too late\n", succeed("get", "k").out());
    }

    @Test
    void aClusterWithCertificatesServesNobodyWithoutOne() {
        succeed("cluster", "start", "--tls", "--base-port", Integer.toString(basePort));
        succeed("put", "greeting", "hello");

        assertEquals("hello\n", succeed("get", "greeting").out());
        Path tls = directory.resolve("tls");
        String endpoint = "https://127.0.0.1:" + (basePort + 10);
        String roots = tls.resolve("ca.pem").toString();
        Ran stranger = capture("get", "greeting", "--endpoints", endpoint, "--cacert", roots);
        assertEquals(ExitCode.DEFINITE.code(), stranger.code());
        Ran plain = capture("get", "greeting", "--endpoints", "127.0.0.1:" + basePort);
        assertEquals(ExitCode.DEFINITE.code(), plain.code());
        Ran known = capture(
                "get",
                "greeting",
                "--endpoints",
                endpoint,
                "--cacert",
                roots,
                "--cert",
                tls.resolve("client.pem").toString(),
                "--key",
                tls.resolve("client.key").toString());
        assertEquals("hello\n", known.out(), known.err());

        succeed("cluster", "restart", "n2");
        succeed("cluster", "stop");
        succeed("cluster", "start");
        assertEquals("hello\n", succeed("get", "greeting").out());
        succeed("cluster", "destroy", "--yes");
        assertFalse(Files.exists(directory));
    }

    @Test
    void aDamagedBackupBeginsNothing() throws IOException {
        succeed("cluster", "start", "--nodes", "1", "--base-port", Integer.toString(basePort));
        Path file = temporary.resolve("backup.db");
        succeed("snapshot", "save", file.toString());
        succeed("cluster", "destroy", "--yes");
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);

        Ran status = capture("snapshot", "status", file.toString());
        Ran start = run("cluster", "start", "--base-port", Integer.toString(basePort), "--restore", file.toString());
        Path data = temporary.resolve("member");
        Ran restore = capture("snapshot", "restore", file.toString(), "--name", "n1", "--data-dir", data.toString());

        for (Ran ran : List.of(status, start, restore)) {
            assertEquals(ExitCode.DEFINITE.code(), ran.code());
            assertTrue(ran.err().contains("is damaged: its SHA-256 is"), ran.err());
            assertEquals(1, ran.err().lines().count());
        }
        assertFalse(Files.exists(directory));
        assertFalse(Files.exists(data));
    }

    @Test
    void aLockIsHeldWhileACommandRuns() {
        succeed("cluster", "start", "--nodes", "1", "--base-port", Integer.toString(basePort));
        Path told = temporary.resolve("told");

        assertEquals(
                0, locked("sh", "-c", "printf %s \"$KV_LOCK_KEY\" > " + told).code());
        assertEquals(7, locked("sh", "-c", "exit 7").code());

        assertTrue(read(told).matches("backup/[0-9a-f]+"), read(told));
        assertEquals(
                "0\n", succeed("get", "--prefix", "backup/", "--count-only").out());
        assertEquals("", succeed("lease", "list").out());
        Ran nobody = run("elect", "scheduler");
        assertEquals(ExitCode.DEFINITE.code(), nobody.code());
        assertTrue(nobody.err().contains("election: no leader"), nobody.err());
        Ran missing = locked("/no/such/program");
        assertEquals(ExitCode.DEFINITE.code(), missing.code());
        assertTrue(missing.err().contains("cannot be run"), missing.err());
    }

    private Ran locked(String... command) {
        List<String> all = new ArrayList<>(List.of("lock", "--dir", directory.toString(), "backup", "--"));
        all.addAll(List.of(command));
        return capture(all.toArray(String[]::new));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void typed(String input, String... command) {
        System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
        succeed(command);
    }

    @Test
    void aTakenPortStopsAStartAndNothingIsLeft() {
        succeed("cluster", "start", "--nodes", "1", "--base-port", Integer.toString(basePort));

        Path other = temporary.resolve("other");
        String[] start = {"cluster", "start", "--dir", other.toString(), "--base-port", Integer.toString(basePort)};
        Ran taken = capture(start);

        assertEquals(ExitCode.DEFINITE.code(), taken.code());
        assertTrue(taken.err().contains("port " + basePort + " (n1) is taken"), taken.err());
        assertEquals(1, taken.err().lines().count());
        assertFalse(Files.exists(other));
    }

    @Test
    void aServerThatCannotStartSaysWhyAndTheStartIsTakenBack() {
        // A JVM that does not understand its arguments stands for any server that ends at once.
        Ran failed =
                run("cluster", "start", "--base-port", Integer.toString(basePort), "--jvm-args", "-XX:+NoSuchFlag");

        assertEquals(ExitCode.DEFINITE.code(), failed.code());
        assertTrue(failed.err().contains("did not start"), failed.err());
        assertEquals(1, failed.err().lines().count());
        assertFalse(Files.exists(directory));
    }

    private String leader() {
        return status().stream()
                .filter(node -> node.answer().role().equals("leader"))
                .findFirst()
                .orElseThrow()
                .address()
                .name();
    }

    private List<NodeView> status() {
        return new ClusterManager(new ClusterDirectory(directory)).status();
    }

    private List<Long> pids() {
        return status().stream().map(NodeView::pid).filter(Objects::nonNull).toList();
    }

    private Ran succeed(String... arguments) {
        Ran ran = run(arguments);
        assertEquals(ExitCode.OK.code(), ran.code(), () -> String.join(" ", arguments) + ": " + ran.err());
        return ran;
    }

    /** Runs a command on this test's cluster. */
    private Ran run(String... arguments) {
        String[] all = new String[arguments.length + 2];
        System.arraycopy(arguments, 0, all, 0, arguments.length);
        all[arguments.length] = "--dir";
        all[arguments.length + 1] = directory.toString();
        return capture(all);
    }

    private Ran capture(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        try {
            int code = Main.commandLine(arguments).execute(arguments);
            return new Ran(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(standardOutput);
            System.setErr(standardError);
        }
    }
}
