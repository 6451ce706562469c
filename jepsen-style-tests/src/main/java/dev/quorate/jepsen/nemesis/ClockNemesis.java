package dev.quorate.jepsen.nemesis;

import dev.quorate.jepsen.client.ClusterClient;
import dev.quorate.jepsen.cluster.Cluster;
import dev.quorate.jepsen.nemesis.Targets.Target;
import java.util.Random;

/** Sets the time of day of the leader, one or all, seconds or an hour forth or back; healed by setting it right. */
public final class ClockNemesis implements Nemesis {

    public static final String KIND = "clock";

    private static final long[] OFFSETS_SECONDS = {-3_600, 3_600, -5, 5};
    private static final int MIN_MILLIS = 1_500;
    private static final int MAX_MILLIS = 5_000;

    private final Cluster cluster;
    private final Targets targets;

    public ClockNemesis(Cluster cluster, ClusterClient client) {
        this.cluster = cluster;
        this.targets = new Targets(cluster, client);
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public Blow draw(Random random) {
        int draw = random.nextInt(3);
        Target target = draw == 0 ? targets.leader(random) : draw == 1 ? targets.one(random) : targets.all();
        long offset = OFFSETS_SECONDS[random.nextInt(OFFSETS_SECONDS.length)];
        return new Blow(
                KIND,
                String.format("%+d s %s", offset, target.name()),
                target.nodes(),
                MIN_MILLIS + random.nextInt(MAX_MILLIS - MIN_MILLIS),
                () -> target.nodes().forEach(node -> cluster.setClock(node, offset)),
                () -> target.nodes().forEach(node -> cluster.setClock(node, 0)));
    }
}
