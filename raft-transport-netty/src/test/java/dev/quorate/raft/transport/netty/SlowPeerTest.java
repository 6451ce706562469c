package dev.quorate.raft.transport.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A peer that reads slowly, or not at all, costs the others nothing and itself only what is in its own queue. */
@Timeout(60)
class SlowPeerTest {

    private static final int MIB = 1 << 20;
    private static final int QUEUE_MIB = 20;

    private final NodeId leader = Member.name("leader");
    private final NodeId deaf = Member.name("deaf");
    private final NodeId healthy = Member.name("healthy");

    private Message append(NodeId to, int prevLogIndex, int bytes) {
        return new Message.AppendEntries(
                leader, to, 3, prevLogIndex, 3, List.of(Entry.command(prevLogIndex + 1, 3, new byte[bytes])), 0);
    }

    private Message heartbeat(NodeId to, long round) {
        return new Message.Heartbeat(leader, to, 3, 0, round, 0);
    }

    @Test
    void aPeerThatReadsNothingCostsTheOthersNothing() throws Exception {
        try (Member one = Member.start(leader, o -> o.maxQueuedBytesPerPeer((long) QUEUE_MIB * MIB));
                Member other = Member.start(healthy);
                ServerSocket server = Stranger.listen()) {
            one.transport().setPeers(Map.of(deaf, "127.0.0.1:" + server.getLocalPort(), healthy, other.address()));
            other.transport().setPeers(Map.of(leader, one.address()));
            try (Stranger stranger = Stranger.welcome(server)) {
                awaitUse(one, stranger);
                one.reaches(other);
                one.heard().unreachable.clear();
                for (int i = 0; i < 100; i++) {
                    one.transport().send(List.of(append(deaf, i, MIB)));
                }
                Eventually.until(
                        "the deaf peer's queue has overflowed",
                        () -> one.heard().unreachable.contains(deaf));

                // In one call, as the leader hands over what a batch has brought, the deaf peer's first.
                for (int i = 0; i < 50; i++) {
                    int index = i;
                    one.transport()
                            .send(List.of(append(deaf, i, MIB), append(healthy, i, 2 * MIB), heartbeat(healthy, i)));
                    Eventually.until(
                            "the healthy peer has it",
                            () -> other.heard().messages.size() == 2 * (index + 1));
                }

                assertEquals(upTo(50), prevIndexes(other.heard().messages));
                assertFalse(one.heard().unreachable.contains(healthy));
            }
        }
    }

    @Test
    void aPeerThatReconnectsFindsAllOfItsQueueFree() throws Exception {
        try (Member one = Member.start(leader, o -> o.maxQueuedBytesPerPeer((long) QUEUE_MIB * MIB));
                ServerSocket server = Stranger.listen()) {
            one.transport().setPeers(Map.of(deaf, "127.0.0.1:" + server.getLocalPort()));
            for (int i = 0; i < 3; i++) {
                try (Stranger stranger = Stranger.welcome(server)) {
                    awaitUse(one, stranger);
                    overflow(one);
                }
            }

            try (Stranger stranger = Stranger.welcome(server)) {
                awaitUse(one, stranger);
                int most = QUEUE_MIB - 1; // an entry is a little larger than its command
                for (int i = 0; i < most; i++) {
                    one.transport().send(List.of(append(deaf, i, MIB)));
                }
                List<Long> indexes = new ArrayList<>();
                while (indexes.size() < most) {
                    Frame frame = stranger.read();
                    if (frame.header().hasAppendEntries()) {
                        indexes.add(frame.header().getAppendEntries().getPrevLogIndex());
                    }
                }
                assertEquals(upTo(most), indexes);
            }
        }
    }

    /** Until some of it is dropped: more than the queue and all socket buffers take. */
    private void overflow(Member one) throws Exception {
        one.heard().unreachable.clear();
        Eventually.until("the queue has overflowed", () -> {
            for (int i = 0; i < 10; i++) {
                one.transport().send(List.of(append(deaf, i, MIB)));
            }
            return one.heard().unreachable.contains(deaf);
        });
    }

    private void awaitUse(Member one, Stranger stranger) throws Exception {
        Eventually.until("something comes over the new connection", () -> {
            one.transport().send(List.of(heartbeat(deaf, 1)));
            return stranger.hasInput();
        });
    }

    private static List<Long> prevIndexes(List<Message> messages) {
        List<Long> indexes = new ArrayList<>();
        for (Message message : messages) {
            if (message instanceof Message.AppendEntries append) {
                indexes.add(append.prevLogIndex());
            }
        }
        return indexes;
    }

    private static List<Long> upTo(int count) {
        return LongStream.range(0, count).boxed().toList();
    }
}
