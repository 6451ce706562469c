package dev.quorate.raft.transport.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.transport.netty.wire.Wire.Header;
import dev.quorate.raft.transport.netty.wire.Wire.Pong;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A host that is gone without a word is noticed; one that is merely quiet is left alone. */
@Timeout(60)
class SilenceTest {

    private final NodeId here = Member.name("here");
    private final NodeId there = Member.name("there");

    @Test
    void aPeerThatAnswersNoPingIsLostAndDialledAgain() throws Exception {
        try (Member one = Member.start(here, o -> o.idleTimeout(Duration.ofMillis(300)));
                ServerSocket server = Stranger.listen()) {
            one.transport().setPeers(Map.of(there, "127.0.0.1:" + server.getLocalPort()));
            try (Stranger dead = Stranger.welcome(server)) {
                Eventually.until(
                        "connected",
                        () -> !CapturedLog.linesOf(here.value(), "connected to").isEmpty());
                one.heard().unreachable.clear();

                dead.awaitEnd();

                Eventually.until("it is reported", () -> one.heard().unreachable.contains(there));
                Stranger.welcome(server).close();
            }
        }
    }

    @Test
    void aPeerThatAnswersPingsIsKeptThoughItHasNothingToSay() throws Exception {
        try (Member one = Member.start(here, o -> o.idleTimeout(Duration.ofMillis(300)));
                ServerSocket server = Stranger.listen()) {
            one.transport().setPeers(Map.of(there, "127.0.0.1:" + server.getLocalPort()));
            try (Stranger quiet = Stranger.welcome(server)) {
                // Nine pings are three timeouts.
                for (int i = 0; i < 9; i++) {
                    if (!quiet.read().header().hasPing()) {
                        throw new AssertionError("only pings were expected");
                    }
                    quiet.send(Frames.bytesOf(Header.newBuilder().setPong(Pong.getDefaultInstance())));
                }
                Eventually.until("each is timed", () -> one.heard().roundTrips.size() == 9);
                for (Recorder.RoundTrip trip : one.heard().roundTrips) {
                    assertEquals(there, trip.peer());
                    assertTrue(trip.nanos() > 0, trip::toString);
                }
            }
        }
    }

    @Test
    void aLateAnswerCountsForTheFirstPing() throws Exception {
        try (Member one = Member.start(here, o -> o.idleTimeout(Duration.ofMillis(1_500)));
                ServerSocket server = Stranger.listen()) {
            one.transport().setPeers(Map.of(there, "127.0.0.1:" + server.getLocalPort()));
            try (Stranger slow = Stranger.welcome(server)) {
                slow.read();
                long afterFirstNanos = System.nanoTime();
                slow.read(); // half a second later
                long atLeastNanos = System.nanoTime() - afterFirstNanos;

                slow.send(Frames.bytesOf(Header.newBuilder().setPong(Pong.getDefaultInstance())));

                Eventually.until("it is timed", () -> one.heard().roundTrips.size() == 1);
                long nanos = one.heard().roundTrips.get(0).nanos();
                assertTrue(nanos >= atLeastNanos, nanos + " of at least " + atLeastNanos);
            }
        }
    }

    @Test
    void whoAnswersWhatWasNotAskedIsShutOut() throws Exception {
        try (Member one = Member.start(here);
                ServerSocket server = Stranger.listen()) {
            one.transport().setPeers(Map.of(there, "127.0.0.1:" + server.getLocalPort()));
            try (Stranger eager = Stranger.welcome(server)) {
                eager.send(Frames.bytesOf(Header.newBuilder().setPong(Pong.getDefaultInstance())));

                eager.awaitEnd();
            }
        }
    }

    @Test
    void aPeerThatNeverFinishesTheHandshakeIsDialledAgain() throws Exception {
        try (Member one = Member.start(here, o -> o.handshakeTimeout(Duration.ofMillis(100)));
                ServerSocket server = Stranger.listen()) {
            one.transport().setPeers(Map.of(there, "127.0.0.1:" + server.getLocalPort()));
            try (Stranger paused = new Stranger(server.accept())) {
                Stranger.welcome(server).close();
                Eventually.until(
                        "it is logged",
                        () -> !CapturedLog.linesOf(here.value(), "it does not answer the handshake")
                                .isEmpty());
                paused.readPreamble();
            }
        }
    }
}
