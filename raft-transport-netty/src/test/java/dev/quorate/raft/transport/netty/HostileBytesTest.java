package dev.quorate.raft.transport.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.transport.netty.wire.Wire.ConnectionKind;
import dev.quorate.raft.transport.netty.wire.Wire.Header;
import dev.quorate.raft.transport.netty.wire.Wire.Heartbeat;
import dev.quorate.raft.transport.netty.wire.Wire.Welcome;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever somebody sends costs them their connection and one line in the log, and nobody else anything. */
@Timeout(60)
class HostileBytesTest {

    private static final ConnectionKind MESSAGES = ConnectionKind.CONNECTION_KIND_MESSAGES;

    private final NodeId hostId = Member.name("host");
    private final NodeId friendId = Member.name("friend");
    private final NodeId foeId = Member.name("foe");
    private Member host;
    private Member friend;

    @BeforeEach
    void aHostAndItsFriendAreConnected() throws Exception {
        host = Member.start(
                hostId,
                o -> o.handshakeTimeout(Duration.ofMillis(300))
                        .idleTimeout(Duration.ofMillis(900))
                        .maxInboundConnections(4));
        friend = Member.start(friendId, o -> o.idleTimeout(Duration.ofMillis(900)));
        Map<NodeId, String> addresses =
                Map.of(hostId, host.address(), friendId, friend.address(), foeId, "127.0.0.1:1");
        host.transport().setPeers(addresses);
        friend.transport().setPeers(addresses);
        friend.reaches(host);
        host.reaches(friend);
    }

    @AfterEach
    void theFriendNoticedNothing() throws Exception {
        Message message = new Message.Heartbeat(friendId, hostId, 3, 0, 1, 0);
        friend.transport().send(List.of(message));
        Eventually.until(
                "the friend's message arrived", () -> host.heard().messages.contains(message));
        assertEquals(
                1,
                CapturedLog.linesOf(friendId.value(), "connected to " + hostId).size());
        assertEquals(
                1,
                CapturedLog.linesOf(hostId.value(), "connected to " + friendId).size());
        assertEquals(List.of(), CapturedLog.linesOf(hostId.value(), "Exception"));
        host.close();
        friend.close();
    }

    private void isLoggedOnce(Stranger foe, String cause) throws Exception {
        String address = "127.0.0.1:" + foe.localPort();
        Eventually.until(
                "the end of the connection is logged",
                () -> !CapturedLog.linesOf(hostId.value(), address).isEmpty());
        List<String> lines = CapturedLog.linesOf(hostId.value(), address);
        assertEquals(1, lines.size(), lines.toString());
        assertTrue(lines.get(0).contains(cause), lines.get(0));
    }

    @Test
    void randomBytes() throws Exception {
        byte[] bytes = new byte[100_000];
        new Random(1).nextBytes(bytes);
        try (Stranger foe = Stranger.connect(host)) {
            foe.send(Arrays.copyOf(bytes, 1_000));
            foe.awaitEnd();
            isLoggedOnce(foe, "not a Quorate peer");
        }
    }

    @Test
    void aBrowser() throws Exception {
        try (Stranger foe = Stranger.connect(host)) {
            foe.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            foe.awaitEnd();
            isLoggedOnce(foe, "not a Quorate peer: it begins with \"GET / HT\"");
        }
    }

    @Test
    void randomBytesBehindARightBeginning() throws Exception {
        try (Stranger foe = Stranger.connect(host)) {
            foe.send(Protocol.preamble());
            foe.send(new byte[] {0, 0, 0, 20, 0, 0, 0, 12, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1, 2, 3, 4});
            foe.awaitEnd();
            isLoggedOnce(foe, "is no protobuf message");
        }
    }

    @Test
    void aLongFrameFromSomebodyUnknown() throws Exception {
        try (Stranger foe = Stranger.connect(host)) {
            foe.send(Protocol.preamble());
            foe.send(new byte[] {0, 1, 0, 0, 0, 0, 0, 12});
            foe.awaitEnd();
            isLoggedOnce(foe, "a frame of 65536 bytes exceeds the limit of 4096 bytes");
        }
    }

    @Test
    void anOverlongFrameFromAPeer() throws Exception {
        try (Stranger foe = Stranger.shakeHands(host, foeId.value(), MESSAGES)) {
            foe.send(new byte[] {-1, -1, -1, -1, 0, 0, 0, 12});
            foe.awaitEnd();
            isLoggedOnce(foe, "a frame of 4294967295 bytes exceeds the limit of 67108864 bytes");
        }
    }

    @Test
    void aFlippedBit() throws Exception {
        byte[] frame = Frames.bytesOf(MessageEncoder.encode(
                Member.GROUP,
                new Message.AppendEntries(foeId, hostId, 3, 0, 0, List.of(Entry.command(1, 3, new byte[100])), 0)));
        frame[frame.length - 50] ^= 1;
        try (Stranger foe = Stranger.shakeHands(host, foeId.value(), MESSAGES)) {
            foe.send(frame);
            foe.awaitEnd();
            isLoggedOnce(foe, "it was damaged on its way");
            assertEquals(List.of(), List.copyOf(host.heard().messages));
        }
    }

    @Test
    void aFrameForAnotherGroup() throws Exception {
        try (Stranger foe = Stranger.shakeHands(host, foeId.value(), MESSAGES)) {
            foe.send(Frames.bytesOf(Frame.of(Header.newBuilder()
                    .setGroupId(8)
                    .setHeartbeat(Heartbeat.newBuilder().setTerm(1)))));
            foe.awaitEnd();
            isLoggedOnce(foe, "a frame for group 8 came to group 7");
        }
    }

    @Test
    void aFrameThatHasNoPlaceAmongMessages() throws Exception {
        try (Stranger foe = Stranger.shakeHands(host, foeId.value(), MESSAGES)) {
            foe.send(Frames.bytesOf(Header.newBuilder().setWelcome(Welcome.getDefaultInstance())));
            foe.awaitEnd();
            isLoggedOnce(foe, "a frame of kind WELCOME has no place among messages");
        }
    }

    @Test
    void messagesOfAPeerAreFromThatPeerWhateverItSends() throws Exception {
        try (Stranger foe = Stranger.shakeHands(host, foeId.value(), MESSAGES)) {
            foe.send(Frames.bytesOf(Header.newBuilder()
                    .setHeartbeat(Heartbeat.newBuilder().setTerm(9).setRound(5))));

            Message expected = new Message.Heartbeat(foeId, hostId, 9, 0, 5, 0);
            Eventually.until("it arrived", () -> host.heard().messages.contains(expected));
            host.heard().messages.clear();
        }
    }

    @Test
    void aHelloWithoutAnEnd() throws Exception {
        byte[] hello = Frames.hello(Member.CLUSTER, foeId.value(), hostId.value(), MESSAGES);
        try (Stranger foe = Stranger.connect(host)) {
            foe.send(Protocol.preamble());
            foe.send(Arrays.copyOf(hello, hello.length - 1));
            foe.awaitEnd();
            isLoggedOnce(foe, "it did not say who it is");
        }
    }

    @Test
    void halfAFrameThenSilence() throws Exception {
        byte[] frame = Frames.bytesOf(Header.newBuilder()
                .setHeartbeat(Heartbeat.newBuilder().setTerm(1).setRound(5)));
        try (Stranger foe = Stranger.shakeHands(host, foeId.value(), MESSAGES)) {
            foe.send(Arrays.copyOf(frame, frame.length / 2));
            foe.awaitEnd();
        }
    }

    @Test
    void moreConnectionsThanThereIsRoomFor() throws Exception {
        // The friend has one; there is room for three more.
        try (Stranger one = Stranger.connect(host);
                Stranger two = Stranger.connect(host);
                Stranger three = Stranger.connect(host);
                Stranger tooMany = Stranger.connect(host)) {
            tooMany.awaitEnd();
            isLoggedOnce(tooMany, "the limit of 4 inbound connections is reached");
            one.awaitEnd();
            two.awaitEnd();
            three.awaitEnd();
        }
    }

    @Test
    void aFloodOfThemDoesNotFillTheLog() throws Exception {
        for (int i = 0; i < 50; i++) {
            try (Stranger foe = Stranger.connect(host)) {
                foe.send("0123456789".getBytes(StandardCharsets.US_ASCII));
                foe.awaitEnd();
            }
        }
        assertEquals(
                5,
                CapturedLog.linesOf(hostId.value(), "connection from 127.0.0.1").size());
    }

    @Test
    void aPeerThatAnswersTheHandshakeWithGarbageIsDialledAgain() throws Exception {
        try (ServerSocket server = Stranger.listen()) {
            NodeId odd = Member.name("odd");
            friend.transport().setPeers(Map.of(hostId, host.address(), odd, "127.0.0.1:" + server.getLocalPort()));
            for (int i = 0; i < 2; i++) {
                try (Stranger garbage = new Stranger(server.accept())) {
                    garbage.readPreamble();
                    garbage.send("SSH-2.0-x\r\n".getBytes(StandardCharsets.US_ASCII));
                    garbage.awaitEnd();
                }
            }
            assertEquals(
                    1,
                    CapturedLog.linesOf(friendId.value(), "cannot connect to " + odd)
                            .size());
        }
    }
}
