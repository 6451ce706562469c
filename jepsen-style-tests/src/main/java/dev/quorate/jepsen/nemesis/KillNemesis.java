package dev.quorate.jepsen.nemesis;

import dev.quorate.jepsen.client.ClusterClient;
import dev.quorate.jepsen.cluster.Cluster;
import dev.quorate.jepsen.nemesis.Targets.Target;
import java.util.Random;

/** {@code kill -9} of the leader, one, a majority or all at once; healed by a restart on the same data. */
public final class KillNemesis implements Nemesis {

    public static final String KIND = "kill";

    // Sometimes back before anybody missed it, sometimes long after the others went on without it.
    private static final int MIN_DOWN_MILLIS = 50;
    private static final int MAX_DOWN_MILLIS = 4_000;

    private final Cluster cluster;
    private final Targets targets;

    public KillNemesis(Cluster cluster, ClusterClient client) {
        this.cluster = cluster;
        this.targets = new Targets(cluster, client);
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public Blow draw(Random random) {
        int draw = random.nextInt(100);
        Target target = draw < 45
                ? targets.leader(random)
                : draw < 70 ? targets.one(random) : draw < 85 ? targets.majority(random) : targets.all();
        return new Blow(
                KIND,
                target.name(),
                target.nodes(),
                MIN_DOWN_MILLIS + random.nextInt(MAX_DOWN_MILLIS - MIN_DOWN_MILLIS),
                () -> target.nodes().forEach(cluster::kill),
                () -> target.nodes().forEach(cluster::start));
    }
}
