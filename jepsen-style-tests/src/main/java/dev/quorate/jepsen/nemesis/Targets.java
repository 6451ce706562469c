package dev.quorate.jepsen.nemesis;

import dev.quorate.jepsen.client.ClusterClient;
import dev.quorate.jepsen.cluster.Cluster;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Draws whom to hit. */
final class Targets {

    /** Whom: how the history calls it, and who that is. */
    record Target(String name, List<String> nodes) {}

    private final Cluster cluster;
    private final ClusterClient client;

    Targets(Cluster cluster, ClusterClient client) {
        this.cluster = cluster;
        this.client = client;
    }

    /** The leader; any node if nobody leads just now. */
    Target leader(Random random) {
        String leader = client.leader();
        return leader == null ? one(random) : new Target("leader", List.of(leader));
    }

    Target one(Random random) {
        return new Target("one", shuffled(random).subList(0, 1));
    }

    Target majority(Random random) {
        return new Target("majority", shuffled(random).subList(0, cluster.majority()));
    }

    Target all() {
        return new Target("all", cluster.names());
    }

    private List<String> shuffled(Random random) {
        List<String> names = new ArrayList<>(cluster.names());
        Collections.shuffle(names, random);
        return names;
    }
}
