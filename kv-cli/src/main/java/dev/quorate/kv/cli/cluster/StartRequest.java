package dev.quorate.kv.cli.cluster;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code kv cluster start} was told. Null or empty means: as the cluster is, or the default for a new one.
 *
 * @param restore the backup that a new cluster begins with, null for none
 * @param tls whether a new cluster has certificates, for clients and members
 * @param limit how long the cluster may take until it answers
 */
public record StartRequest(
        @Nullable Integer nodes,
        @Nullable Integer basePort,
        @Nullable String token,
        List<String> jvmArguments,
        List<String> serverArguments,
        @Nullable Path restore,
        boolean tls,
        Duration limit) {

    public StartRequest {
        jvmArguments = List.copyOf(jvmArguments);
        serverArguments = List.copyOf(serverArguments);
    }
}
