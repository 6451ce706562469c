package dev.quorate.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What is checked. */
enum Server {
    /** This project: it answers as etcd 3.6 does. */
    QUORATE("3.6"),
    /** Debian's package etcd-server. */
    ETCD("3.4"),
    /** Answers every request wrongly; a check that it satisfies checks nothing. */
    LIAR("3.6");

    private final String version;

    Server(String version) {
        this.version = version;
    }

    /** True if it does what etcd does from this version on. */
    boolean speaks(String wanted) {
        return minor(version) >= minor(wanted);
    }

    String version() {
        return version;
    }

    private static int minor(String version) {
        return Integer.parseInt(version.substring(version.indexOf('.') + 1));
    }

    /** Null if it can be started here, or else why not. */
    @Nullable
    String whyNot() {
        boolean isMissing = this == ETCD
                && Arrays.stream(System.getenv("PATH").split(":"))
                        .noneMatch(directory -> Files.isExecutable(Path.of(directory, "etcd")));
        return isMissing
                ? "etcd is not installed here; the package etcd-server has it (apt-get install etcd-server)"
                : null;
    }

    Cluster start() throws IOException {
        return switch (this) {
            case QUORATE -> new QuorateCluster();
            case ETCD -> new EtcdCluster(null);
            case LIAR -> new LiarCluster();
        };
    }

    /** With TLS on both ports and signed tokens; not the liar. */
    Cluster start(Security security) throws IOException {
        return switch (this) {
            case QUORATE -> new QuorateCluster(security);
            case ETCD -> new EtcdCluster(security);
            case LIAR -> throw new IllegalArgumentException("the liar has nothing to hide");
        };
    }
}
