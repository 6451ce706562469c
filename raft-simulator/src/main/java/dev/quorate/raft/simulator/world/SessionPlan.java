package dev.quorate.raft.simulator.world;

/**
 * Clients that have sessions, and try again until they know the answer.
 *
 * @param clients how many; 0 for a group without sessions
 * @param maxSessions how many the group allows; each leader brings its own number
 * @param meanThinkNanos how long a client waits between two of its acts
 * @param idles probability that it then does nothing for so long that its session may end
 */
record SessionPlan(int clients, int maxSessions, long meanThinkNanos, double idles) {

    static SessionPlan draw(SplitMix random) {
        int clients = random.chance(0.25) ? (int) random.between(1, 6) : 0;
        return new SessionPlan(
                clients,
                random.oneOf(2, 5, 100),
                Nanos.ofMillis(random.between(20.0, 200.0)),
                random.oneOf(0.0, 0.01, 0.05));
    }

    boolean hasSessions() {
        return clients > 0;
    }
}
