package dev.quorate.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same conversation of etcd's own command line with three new nodes of etcd and with three of ours: what it prints, where it
 * prints it and with which exit code it ends are the same, but for numbers that name members, leases and terms.
 */
final class EtcdctlTranscriptTest {

    private static final long PATIENCE_SECONDS = 30;

    /** What is different by nature, in all outputs of 3.4: names of members and leases, terms, addresses, times of the log lines. */
    private static final Map<Pattern, String> BY_NATURE = new LinkedHashMap<>();

    static {
        BY_NATURE.put(
                Pattern.compile("\\{\"level\":\"warn\",\"ts\":.*\\R?"), ""); // the client's own log of what follows
        BY_NATURE.put(Pattern.compile("\"(cluster_id|member_id|raft_term|ID|id)\":\\d+"), "\"$1\":N");
        BY_NATURE.put(Pattern.compile("\"(ClusterID|MemberID|RaftTerm|ID|Lease)\" ?: \\d+"), "\"$1\" : N");
        BY_NATURE.put(Pattern.compile("\\b[0-9a-f]{15,16}\\b"), "HEX");
        BY_NATURE.put(Pattern.compile("127\\.0\\.0\\.1:\\d+"), "ADDRESS");
        BY_NATURE.put(Pattern.compile("remaining\\(\\d+s\\)"), "remaining(Ns)");
    }

    private static final Pattern LEASE = Pattern.compile("lease ([0-9a-f]{15,16})");

    @TempDir
    private Path directory;

    /** One cluster's side of it. */
    private final class Conversation {
        private final List<String> endpoints;
        private final StringBuilder transcript = new StringBuilder();
        private String lease = "";

        Conversation(Cluster cluster) {
            this.endpoints = cluster.endpoints();
        }

        /** Types a command; "LEASE" in it is the lease that was granted last. */
        void type(String... arguments) throws Exception {
            typed("", arguments);
        }

        void typed(String input, String... arguments) throws Exception {
            run(input, 0, arguments);
        }

        /** A watch has no end of its own: it is ended after so many lines, which are all that there are. */
        void watch(int lines, String... arguments) throws Exception {
            run("", lines, arguments);
        }

        private void run(String input, int lines, String... arguments) throws Exception {
            List<String> command = new ArrayList<>(List.of("etcdctl", "--endpoints=" + String.join(",", endpoints)));
            Arrays.stream(arguments)
                    .map(argument -> argument.equals("LEASE") ? lease : argument)
                    .map(argument -> argument.equals("--lease=LEASE") ? "--lease=" + lease : argument)
                    .forEach(command::add);
            Path out = Files.createTempFile(directory, "etcdctl", ".out");
            Path err = Files.createTempFile(directory, "etcdctl", ".err");
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
            builder.environment().put("ETCDCTL_API", "3");
            Process process = builder.start();
            try {
                process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
                process.getOutputStream().close();
                String exit = "";
                if (lines > 0) {
                    awaitLines(out, lines);
                } else {
                    assertTrue(
                            process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS),
                            () -> String.join(" ", command) + " does not end");
                    exit = "exit " + process.exitValue() + "\n";
                }
                note(arguments, Files.readString(out), Files.readString(err), exit);
            } finally {
                process.destroyForcibly();
            }
        }

        private void awaitLines(Path out, int lines) throws IOException {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            while (Files.readString(out).lines().count() < lines && System.nanoTime() < deadline) {
                Thread.onSpinWait();
            }
        }

        private void note(String[] arguments, String out, String err, String exit) {
            Matcher granted = LEASE.matcher(out);
            if (arguments[0].equals("lease") && arguments[1].equals("grant") && granted.find()) {
                lease = granted.group(1);
            }
            String text = "$ etcdctl " + String.join(" ", arguments) + "\n" + out + err + exit;
            for (Map.Entry<Pattern, String> rule : BY_NATURE.entrySet()) {
                text = rule.getKey().matcher(text).replaceAll(rule.getValue());
            }
            transcript.append(text);
        }
    }

    private String converse(Server server) throws Exception {
        try (Cluster cluster = server.start()) {
            Conversation with = new Conversation(cluster);
            keys(with);
            transactions(with);
            history(with);
            leases(with);
            users(with);
            others(with);
            return with.transcript.toString();
        }
    }

    private static void keys(Conversation with) throws Exception {
        with.type("put", "a", "1");
        with.type("put", "a", "2", "--prev-kv");
        with.type("put", "b", "0", "-w", "json");
        with.typed("from standard input", "put", "c");
        with.type("put", "", "x");
        with.type("put", "missing", "--ignore-value");
        with.type("put", "a", "x", "--ignore-value");
        with.type("get", "a");
        with.type("get", "a", "--print-value-only");
        with.type("get", "a", "-w", "json");
        with.type("get", "a", "-w", "fields");
        with.type("get", "a", "--rev=2");
        with.type("get", "a", "--rev=1000");
        with.type("get", "nothing");
        with.type("get", "", "--prefix", "--keys-only");
        with.type("get", "", "--prefix", "--sort-by=VALUE", "--order=DESCEND", "--limit=2");
        with.type("get", "", "--prefix", "--count-only", "-w", "fields");
        with.type("get", "b", "--from-key", "--print-value-only");
        with.type("get", "a", "c", "--hex");
        with.type("del", "nothing");
        with.type("del", "a", "--prev-kv");
        with.type("del", "", "--prefix", "-w", "json");
    }

    private static void transactions(Conversation with) throws Exception {
        String txn = "value(\"t\") = \"1\"\n\nput t 2\nget t\n\nput t 1\n\n";
        with.typed(txn, "txn");
        with.typed(txn, "txn");
        with.typed("mod(\"t\") > \"0\"\nversion(\"t\") < \"100\"\ncreate(\"t\") > \"0\"\n\ndel t\n\n\n", "txn");
        with.typed("\nput d 1\nput d 2\n\n\n", "txn");
        with.typed(txn, "txn", "-w", "json");
    }

    private static void history(Conversation with) throws Exception {
        with.watch(16, "watch", "t", "--prev-kv", "--rev=2");
        with.type("compaction", "5");
        with.type("compaction", "5");
        with.type("compaction", "5000");
        with.type("get", "a", "--rev=3");
        with.type("watch", "a", "--rev=3");
    }

    private static void leases(Conversation with) throws Exception {
        with.type("lease", "grant", "600");
        with.type("put", "leased", "x", "--lease=LEASE");
        with.type("lease", "timetolive", "LEASE", "--keys");
        with.type("lease", "keep-alive", "--once", "LEASE");
        with.type("lease", "list");
        with.type("lease", "revoke", "LEASE");
        with.type("lease", "revoke", "LEASE");
        with.type("lease", "timetolive", "LEASE");
        with.type("lease", "keep-alive", "--once", "LEASE");
        with.type("put", "leased", "x", "--lease=1234");
        with.type("lease", "grant", "100000000000");
        with.type("get", "leased");
    }

    private static void users(Conversation with) throws Exception {
        with.type("auth", "enable");
        with.type("user", "add", "root:rootpw");
        with.type("user", "add", "root:rootpw");
        with.type("role", "add", "root");
        with.type("user", "grant-role", "root", "root");
        with.type("user", "add", "jane:janepw");
        with.type("role", "add", "readers");
        with.type("role", "add", "readers");
        with.type("role", "grant-permission", "readers", "read", "p/", "--prefix=true");
        with.type("role", "grant-permission", "readers", "readwrite", "one");
        with.type("role", "grant-permission", "nobody", "read", "x");
        with.type("user", "grant-role", "jane", "readers");
        with.type("user", "grant-role", "jane", "nothing");
        with.type("role", "get", "readers");
        with.type("role", "list");
        with.type("user", "get", "jane");
        with.type("user", "get", "jane", "--detail");
        with.type("user", "list");
        with.type("auth", "enable");
        with.type("get", "p/a");
        with.type("get", "p/a", "--user=jane:janepw");
        with.type("get", "q", "--user=jane:janepw");
        with.type("put", "p/a", "1", "--user=jane:janepw");
        with.type("put", "one", "1", "--user=jane:janepw");
        with.type("user", "list", "--user=jane:janepw");
        with.type("get", "p/a", "--user=jane:wrong");
        with.type("get", "p/a", "--user=nobody:x");
        with.type("user", "delete", "root", "--user=root:rootpw");
        with.type("role", "revoke-permission", "readers", "one", "--user=root:rootpw");
        with.type("put", "one", "2", "--user=jane:janepw");
        with.type("auth", "disable", "--user=root:rootpw");
        with.type("user", "revoke-role", "jane", "readers");
        with.type("user", "delete", "jane");
        with.type("user", "delete", "jane");
        with.type("role", "delete", "readers");
        with.type("role", "get", "readers");
    }

    private static void others(Conversation with) throws Exception {
        with.type("alarm", "list");
        with.type("alarm", "disarm");
        with.type("defrag");
        with.type("lock", "resource", "echo", "held");
        with.type("member", "remove", "1234");
        with.type("member", "promote", "1234");
        with.type("move-leader", "1234");
        with.type("get", "", "--prefix");
    }

    @Test
    void theClientCannotTellUsFromEtcd() throws Exception {
        assumeTrue(Server.ETCD.whyNot() == null, Server.ETCD.whyNot());
        assumeTrue(
                Arrays.stream(System.getenv("PATH").split(":", -1))
                        .anyMatch(path -> Files.isExecutable(Path.of(path, "etcdctl"))),
                "etcdctl is not installed here; the package etcd-client has it (apt-get install etcd-client)");

        String etcds = converse(Server.ETCD);
        String ours = converse(Server.QUORATE);

        assertTrue(etcds.lines().filter(line -> line.startsWith("$ ")).count() > 80);
        assertEquals(etcds, ours);
    }
}
