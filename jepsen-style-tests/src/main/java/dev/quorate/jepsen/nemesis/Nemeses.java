package dev.quorate.jepsen.nemesis;

import dev.quorate.jepsen.client.ClusterClient;
import dev.quorate.jepsen.cluster.Cluster;
import java.util.List;

/** The kinds of faults by their names. */
public final class Nemeses {

    public static final List<String> KINDS =
            List.of(KillNemesis.KIND, PauseNemesis.KIND, GarbageNemesis.KIND, ClockNemesis.KIND);

    private Nemeses() {}

    /** @throws IllegalArgumentException if there is no such kind */
    public static Nemesis make(String kind, Cluster cluster, ClusterClient client) {
        return switch (kind) {
            case KillNemesis.KIND -> new KillNemesis(cluster, client);
            case PauseNemesis.KIND -> new PauseNemesis(cluster, client);
            case GarbageNemesis.KIND -> new GarbageNemesis(cluster);
            case ClockNemesis.KIND -> new ClockNemesis(cluster, client);
            default ->
                throw new IllegalArgumentException(
                        "there is no nemesis \"" + kind + "\"; there are " + String.join(", ", KINDS) + ", or none");
        };
    }
}
