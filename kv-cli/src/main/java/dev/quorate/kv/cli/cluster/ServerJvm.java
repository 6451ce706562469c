package dev.quorate.kv.cli.cluster;

import dev.quorate.kv.cli.server.ServerLog;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The command line of a server's JVM: the same JDK and class path as this process, with the flags that were packaged.
 *
 * @param home where the script {@code kv} keeps what it runs, null when kv runs from class files (tests)
 */
record ServerJvm(
        Path javaHome,
        int feature,
        String classPath,
        @Nullable Path home) {

    private static final String MAIN = "dev.quorate.kv.cli.Main";
    private static final List<String> FLAGS_WITHOUT_PACKAGE =
            List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-Djava.util.logging.manager=" + ServerLog.class.getName());

    /** A second choice of collector would be an error, not an override. */
    private static final String COLLECTOR = "-XX:\\+Use.*GC";

    /** The least CPU per operation of those measured, with heaps as small as a server's. */
    private static final String DEFAULT_COLLECTOR = "-XX:+UseSerialGC";

    /** sun.misc.Unsafe, which Netty and protobuf use, is warned of from here on. */
    private static final int WARNS_OF_UNSAFE = 24;

    static ServerJvm ofThisProcess() {
        String home = System.getProperty("kv.home");
        return new ServerJvm(
                Path.of(System.getProperty("java.home")),
                Runtime.version().feature(),
                absolute(System.getProperty("java.class.path")),
                home == null ? null : Path.of(home));
    }

    List<String> command(List<String> jvmArguments, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(javaHome.resolve("bin").resolve("java").toString());
        if (home == null) {
            command.addAll(FLAGS_WITHOUT_PACKAGE);
        } else {
            command.add("@" + home.resolve("server.options"));
            command.addAll(startUpFiles(home));
        }
        if (feature >= WARNS_OF_UNSAFE) {
            command.add("--sun-misc-unsafe-memory-access=allow");
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        if (jvmArguments.stream().noneMatch(argument -> argument.matches(COLLECTOR))) {
            command.add(DEFAULT_COLLECTOR);
        }
        command.addAll(jvmArguments);
        command.add("-cp");
        command.add(classPath);
        command.add(MAIN);
        command.addAll(arguments);
        return command;
    }

    /**
     * The classes of a server that has started once, ready to be mapped, and RocksDB's library, unpacked: this saves most of a
     * start's CPU time.
     */
    private List<String> startUpFiles(Path packaged) {
        Path directory = packaged.resolve("start-up").resolve(Integer.toString(feature));
        List<String> arguments = new ArrayList<>();
        Path archive = directory.resolve("server.jsa");
        if (Files.exists(archive)) {
            arguments.add("-XX:SharedArchiveFile=" + archive);
        }
        Path nativeDirectory = directory.resolve("native");
        if (Files.exists(nativeDirectory)) {
            arguments.add("-Djava.library.path=" + nativeDirectory);
        }
        return arguments;
    }

    private static String absolute(String classPath) {
        List<String> parts = new ArrayList<>();
        for (String part : classPath.split(File.pathSeparator, -1)) {
            parts.add(Path.of(part).toAbsolutePath().toString());
        }
        return String.join(File.pathSeparator, parts);
    }
}
