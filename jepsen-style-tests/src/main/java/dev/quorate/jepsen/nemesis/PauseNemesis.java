package dev.quorate.jepsen.nemesis;

import dev.quorate.jepsen.client.ClusterClient;
import dev.quorate.jepsen.cluster.Cluster;
import dev.quorate.jepsen.nemesis.Targets.Target;
import java.util.Random;

/**
 * SIGSTOP of the leader, one, or a majority; healed by SIGCONT. The paused server believes that no time has passed, and its
 * connections stay open: a leader that comes back believes that it still leads.
 */
public final class PauseNemesis implements Nemesis {

    public static final String KIND = "pause";

    // From less than an election timeout to several of them.
    private static final int MIN_PAUSE_MILLIS = 200;
    private static final int MAX_PAUSE_MILLIS = 5_000;

    private final Cluster cluster;
    private final Targets targets;

    public PauseNemesis(Cluster cluster, ClusterClient client) {
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
        Target target = draw < 60 ? targets.leader(random) : draw < 85 ? targets.one(random) : targets.majority(random);
        return new Blow(
                KIND,
                target.name(),
                target.nodes(),
                MIN_PAUSE_MILLIS + random.nextInt(MAX_PAUSE_MILLIS - MIN_PAUSE_MILLIS),
                () -> target.nodes().forEach(cluster::pause),
                () -> target.nodes().forEach(cluster::resume));
    }
}
