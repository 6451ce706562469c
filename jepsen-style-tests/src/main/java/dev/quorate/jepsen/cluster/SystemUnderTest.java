package dev.quorate.jepsen.cluster;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** How to start one server of some system that speaks the etcd v3 protocol. */
public interface SystemUnderTest {

    String name();

    /**
     * The command that runs a server in the foreground; the same for the first start and for a restart on what is there.
     *
     * @param members all of them, {@code self} included
     * @param dataDirectory belongs to this server; may not exist yet
     */
    List<String> command(NodeAddress self, List<NodeAddress> members, Path dataDirectory);

    /** Variables to add to the environment of a server. */
    default Map<String, String> environment(NodeAddress self, Path dataDirectory) {
        return Map.of();
    }
}
