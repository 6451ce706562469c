package dev.quorate.raft.runtime;

import dev.quorate.raft.model.Member;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.NodeId;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;

/**
 * Whom the transport should reach: everybody in the membership in force, both halves of a joint one, and for a while those
 * who have left, so that they hear of it. The raft thread owns it.
 */
final class Peers {

    private record Farewell(Member member, long untilNanos) {}

    private final NodeId self;
    private final Transport transport;
    private final long farewellNanos;
    private final Map<NodeId, Farewell> leaving = new HashMap<>();
    private Membership membership;

    /** @param farewellNanos how long those who have left stay reachable */
    Peers(NodeId self, Transport transport, Membership membership, long farewellNanos) {
        this.self = self;
        this.transport = transport;
        this.membership = membership;
        this.farewellNanos = farewellNanos;
    }

    /** Tells the transport for the first time. */
    void introduce() {
        tell();
    }

    void follow(Membership now, long nowNanos) {
        if (now.equals(membership)) {
            return;
        }
        for (NodeId member : membership.all()) {
            if (!now.contains(member)) {
                leaving.put(member, new Farewell(membership.member(member), nowNanos + farewellNanos));
            }
        }
        membership = now;
        leaving.keySet().removeIf(now::contains);
        tell();
    }

    /** Time has passed. */
    void expire(long nowNanos) {
        boolean changed = false;
        for (Iterator<Farewell> all = leaving.values().iterator(); all.hasNext(); ) {
            if (nowNanos - all.next().untilNanos() >= 0) {
                all.remove();
                changed = true;
            }
        }
        if (changed) {
            tell();
        }
    }

    private void tell() {
        TreeMap<NodeId, Member> peers = new TreeMap<>();
        leaving.forEach((id, farewell) -> peers.put(id, farewell.member()));
        membership.all().forEach(id -> peers.put(id, membership.member(id)));
        peers.remove(self);
        transport.setMembers(peers);
    }
}
