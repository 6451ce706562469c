package dev.quorate.jepsen.nemesis;

import dev.quorate.jepsen.cluster.Cluster;
import java.util.List;
import java.util.Random;

/** {@link Garbage} at both ports of every node. There is nothing to heal: it should have no effect. */
public final class GarbageNemesis implements Nemesis {

    public static final String KIND = "garbage";

    private final Cluster cluster;

    public GarbageNemesis(Cluster cluster) {
        this.cluster = cluster;
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public Blow draw(Random random) {
        long seed = random.nextLong();
        List<String> nodes = cluster.names();
        return new Blow(KIND, "all", nodes, 0, () -> strike(new Random(seed)), () -> {});
    }

    private void strike(Random random) {
        cluster.nodes().forEach(node -> Garbage.sendAll(node, random));
    }
}
