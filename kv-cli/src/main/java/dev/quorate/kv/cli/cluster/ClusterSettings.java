package dev.quorate.kv.cli.cluster;

import java.util.List;

/**
 * What a cluster's directory remembers, so that a node is started again as it was.
 *
 * @param jvmArguments after the ones that kv chooses, so that these win
 * @param serverArguments flags of {@code kv server}, such as an election timeout
 */
record ClusterSettings(ClusterLayout layout, List<String> jvmArguments, List<String> serverArguments) {

    ClusterSettings {
        jvmArguments = List.copyOf(jvmArguments);
        serverArguments = List.copyOf(serverArguments);
    }
}
