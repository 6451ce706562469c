package dev.quorate.conformance;

import static org.junit.jupiter.api.Assertions.assertTrue;

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
import org.jspecify.annotations.Nullable;

/** One cluster's side of a conversation with etcd's own command line, as text without what is different by nature. */
final class EtcdctlConversation {

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

    private final Path directory;
    private final List<String> global;
    private final StringBuilder transcript = new StringBuilder();
    private String lease = "";

    /**
     * @param directory for what the commands print
     * @param global what every command has, such as {@code --cacert}
     */
    EtcdctlConversation(List<String> endpoints, Path directory, List<String> global) {
        this.directory = directory;
        this.global = new ArrayList<>(global);
        this.global.add("--endpoints=" + String.join(",", endpoints));
    }

    /** Null if the client can be started here, or else why not. */
    static @Nullable String whyNot() {
        boolean isThere = Arrays.stream(System.getenv("PATH").split(":", -1))
                .anyMatch(path -> Files.isExecutable(Path.of(path, "etcdctl")));
        return isThere
                ? null
                : "etcdctl is not installed here; the package etcd-client has it (apt-get install etcd-client)";
    }

    /** All that was said. */
    String transcript() {
        return transcript.toString();
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
        List<String> command = new ArrayList<>();
        command.add("etcdctl");
        command.addAll(global);
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
