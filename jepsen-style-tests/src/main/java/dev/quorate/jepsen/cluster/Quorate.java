package dev.quorate.jepsen.cluster;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/** The packaged product: the jars that {@code mvn package} leaves in {@code kv-cli/target/kv/lib}. */
public final class Quorate implements SystemUnderTest {

    private static final String CHECK_INTERVAL = "2s";

    /** Beside the packaged options, and stronger: three servers and their clients share a small machine. */
    private static final List<String> JVM_OPTIONS = List.of("-Xms32m", "-Xmx256m");

    private final Path jar;
    private final Path packagedOptions;
    private final OptionalLong snapshotEveryEntries;

    /**
     * @param library the directory of jars
     * @param snapshotEveryEntries after how many entries a server takes a snapshot; empty for the server's own default
     */
    public Quorate(Path library, OptionalLong snapshotEveryEntries) {
        jar = library.resolve("kv.jar").toAbsolutePath();
        packagedOptions = library.toAbsolutePath().resolveSibling("server.options");
        this.snapshotEveryEntries = snapshotEveryEntries;
        if (!Files.isRegularFile(jar)) {
            throw new IllegalArgumentException(jar + " is not there; build it with: mvn -pl kv-cli -am package");
        }
    }

    /** Looks for the packaged product from the working directory upwards: Maven runs tests in the module's directory. */
    public static Path findLibrary() {
        Path packaged = Path.of("kv-cli", "target", "kv", "lib");
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            if (Files.isDirectory(at.resolve(packaged))) {
                return at.resolve(packaged);
            }
        }
        throw new IllegalStateException("no " + packaged + " here or above "
                + Path.of("").toAbsolutePath() + "; build it with: mvn -pl kv-cli -am package");
    }

    @Override
    public String name() {
        return "quorate";
    }

    @Override
    public List<String> command(NodeAddress self, List<NodeAddress> members, Path dataDirectory) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (Files.isRegularFile(packagedOptions)) {
            command.add("@" + packagedOptions);
        }
        Path startUp =
                packagedOptions.resolveSibling("start-up/" + Runtime.version().feature() + "/server.jsa");
        if (Files.isRegularFile(startUp)) {
            command.add("-XX:SharedArchiveFile=" + startUp); // made by ./kv; a start costs less CPU time with it
        }
        command.addAll(JVM_OPTIONS);
        command.addAll(List.of("-jar", jar.toString(), "server"));
        command.addAll(List.of("--name", self.name()));
        command.addAll(List.of("--client-address", self.client()));
        command.addAll(List.of("--peer-address", self.peer()));
        command.addAll(List.of(
                "--initial-cluster",
                members.stream()
                        .map(member -> member.name() + "=" + member.peer())
                        .collect(Collectors.joining(","))));
        command.addAll(List.of("--data-dir", dataDirectory.toString()));
        // Members that hold different data raise an alarm then, and the run fails with every request after it.
        command.addAll(List.of("--corruption-check-interval", CHECK_INTERVAL));
        snapshotEveryEntries.ifPresent(entries -> command.addAll(List.of("--snapshot-every", Long.toString(entries))));
        return command;
    }
}
