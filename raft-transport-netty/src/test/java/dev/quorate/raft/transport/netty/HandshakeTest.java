package dev.quorate.raft.transport.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.transport.netty.wire.Wire.ConnectionKind;
import dev.quorate.raft.transport.netty.wire.Wire.Header;
import dev.quorate.raft.transport.netty.wire.Wire.Hello;
import dev.quorate.raft.transport.netty.wire.Wire.Ping;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who does not belong here is refused, and both sides say who and why. */
@Timeout(60)
class HandshakeTest {

    private static final ConnectionKind MESSAGES = ConnectionKind.CONNECTION_KIND_MESSAGES;

    private final NodeId host = Member.name("host");
    private final NodeId guest = Member.name("guest");

    private static void isLogged(NodeId by, String... texts) throws Exception {
        Eventually.until(
                by + " logs " + String.join(" … ", texts),
                () -> CapturedLog.linesOf(by.value(), texts[0]).stream()
                        .anyMatch(line -> Arrays.stream(texts).allMatch(line::contains)));
    }

    @Test
    void aMemberOfAnotherClusterIsRefusedAndNamedOnBothSides() throws Exception {
        try (Member one = Member.start(host);
                Member two = Member.start(guest, 0xBAD, 0, UnaryOperator.identity())) {
            Member.introduce(one, two);

            String why = "belongs to cluster 0000000000000bad, and " + host + " to cluster 0000000000c0ffee";
            isLogged(host, "refused a connection from " + guest + " at 127.0.0.1:", why);
            isLogged(guest, "cannot connect to " + host + " at " + one.address() + ": it refused: ", why, "try again");
        }
    }

    @Test
    void aNodeThatNobodyKnowsIsRefusedAndNamedOnBothSides() throws Exception {
        try (Member one = Member.start(host);
                Member two = Member.start(guest)) {
            one.transport().setPeers(Map.of());
            two.transport().setPeers(Map.of(host, one.address()));

            String why = guest + " is not a member of this group as far as " + host + " knows";
            isLogged(host, "refused a connection from " + guest, why);
            isLogged(guest, "cannot connect to " + host, why);
        }
    }

    @Test
    void aNodeThatSaysWhereItIsIsLetInAndAnsweredAlthoughNobodyHasHeardOfIt() throws Exception {
        int port = freePort();
        try (Member one = Member.start(host);
                Member two = Member.start(
                        guest, Member.CLUSTER, port, options -> options.advertisedAddress("127.0.0.1:" + port))) {
            one.transport().setPeers(Map.of());
            two.transport().setPeers(Map.of(host, one.address()));

            two.reaches(one);
            one.reaches(two);
        }
    }

    @Test
    void aNodeWithoutItsMembersDiskIsRefusedAndToldWhatToDo() throws Exception {
        String what = "lost the data directory that the group knows it by";
        try (Member one = Member.start(host);
                Member two = Member.start(guest)) {
            two.heard().identity = 2;
            one.transport().setMembers(Map.of(guest, new dev.quorate.raft.model.Member(two.address(), 0, 1)));
            two.transport().setPeers(Map.of(host, one.address()));

            isLogged(host, "refused a connection from " + guest, what, "remove it from the group, and add it again");
            isLogged(guest, "cannot connect to " + host, what);
            isLogged(guest, host + " knows this member by another data directory", what);
        }
    }

    private static int freePort() throws java.io.IOException {
        try (java.net.ServerSocket socket = new java.net.ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Test
    void anAddressThatLeadsToTheWrongNodeIsNoticed() throws Exception {
        NodeId other = Member.name("other");
        try (Member one = Member.start(host);
                Member two = Member.start(guest)) {
            one.transport().setPeers(Map.of(guest, two.address()));

            two.transport().setPeers(Map.of(other, one.address()));

            isLogged(guest, "cannot connect to " + other, "it looks for " + other + ", and this is " + host);
        }
    }

    @Test
    void anotherProtocolVersionIsRefusedInAFormThatAnyVersionReads() throws Exception {
        try (Member one = Member.start(host);
                Stranger newer = Stranger.connect(one)) {
            one.transport().setPeers(Map.of());
            newer.send(Protocol.preamble(9));

            assertEquals(Protocol.VERSION, Protocol.versionOf(newer.readPreamble()));
            String reason = newer.read().header().getRefusal().getReason();
            assertEquals("it speaks protocol version 9, and " + host + " version 1", reason);
            newer.awaitEnd();
            isLogged(host, "refused a connection from a peer at 127.0.0.1:" + newer.localPort(), reason);
        }
    }

    @Test
    void aDiallerNamesThePeerThatSpeaksAnotherVersion() throws Exception {
        try (Member one = Member.start(guest);
                ServerSocket server = Stranger.listen()) {
            one.transport().setPeers(Map.of(host, "127.0.0.1:" + server.getLocalPort()));
            try (Stranger newer = new Stranger(server.accept())) {
                newer.send(Protocol.preamble(9));

                isLogged(guest, "cannot connect to " + host, "it speaks protocol version 9, and this member version 1");
            }
        }
    }

    @Test
    void aNodeOfAnotherGroupIsRefused() throws Exception {
        assertEquals(
                "it belongs to group 8, and " + host + " to group 7",
                refusalOf(Header.newBuilder().setGroupId(8).setHello(hello(guest.value()))));
    }

    @Test
    void aNodeUnderTheHostsOwnNameIsRefused() throws Exception {
        assertEquals(
                "it has the name of " + host + " itself",
                refusalOf(Header.newBuilder().setGroupId(Member.GROUP).setHello(hello(host.value()))));
    }

    @Test
    void aNameThatIsNoneIsRefused() throws Exception {
        String reason = refusalOf(Header.newBuilder().setGroupId(Member.GROUP).setHello(hello("n 1\n")));

        assertTrue(reason.startsWith("node name 'n 1.' is not usable"), reason);
    }

    @Test
    void aConnectionOfAnUnknownKindIsRefused() throws Exception {
        String reason = refusalOf(Header.newBuilder()
                .setGroupId(Member.GROUP)
                .setHello(hello(guest.value()).setKindValue(77)));

        assertEquals("it wants a connection of kind 77, which is unknown here", reason);
    }

    private Hello.Builder hello(String from) {
        return Hello.newBuilder()
                .setClusterId(Member.CLUSTER)
                .setFrom(from)
                .setTo(host.value())
                .setKind(MESSAGES);
    }

    private String refusalOf(Header.Builder hello) throws Exception {
        try (Member one = Member.start(host)) {
            one.transport().setPeers(Map.of(guest, "127.0.0.1:1"));
            try (Stranger stranger = Stranger.connect(one)) {
                stranger.send(Protocol.preamble());
                stranger.send(Frames.bytesOf(Frame.of(hello)));
                stranger.readPreamble();
                String reason = stranger.read().header().getRefusal().getReason();
                stranger.awaitEnd();
                isLogged(host, "refused a connection from ", reason);
                return reason;
            }
        }
    }

    @Test
    void whoComesBeforeTheMembersAreKnownWaitsAndIsNotRefused() throws Exception {
        try (Member one = Member.start(host);
                Member two = Member.start(guest)) {
            two.transport().setPeers(Map.of(host, one.address()));
            try (Stranger early = Stranger.connect(one)) {
                early.send(Protocol.preamble());
                early.send(Frames.hello(Member.CLUSTER, guest.value(), host.value(), MESSAGES));

                one.transport().setPeers(Map.of(guest, two.address()));

                early.readPreamble();
                assertTrue(early.read().header().hasWelcome());
            }
            two.reaches(one);
            assertEquals(0, CapturedLog.linesOf(host.value(), "refused").size());
        }
    }

    @Test
    void aNewerConnectionOfAPeerReplacesTheOlder() throws Exception {
        try (Member one = Member.start(host)) {
            one.transport().setPeers(Map.of(guest, "127.0.0.1:1"));
            try (Stranger older = Stranger.shakeHands(one, guest.value(), MESSAGES);
                    Stranger newer = Stranger.shakeHands(one, guest.value(), MESSAGES)) {
                older.awaitEnd();
                newer.send(Frames.bytesOf(Header.newBuilder().setPing(Ping.getDefaultInstance())));
                assertTrue(newer.read().header().hasPong());
            }
        }
    }

    @Test
    void aPeerThatDialsIsDialledBackAtOnce() throws Exception {
        Duration never = Duration.ofHours(1);
        try (Member one = Member.start(host, o -> o.reconnect(never, never));
                Member two = Member.start(guest)) {
            two.transport().setPeers(Map.of());
            one.transport().setPeers(Map.of(guest, two.address()));
            isLogged(host, "cannot connect to " + guest, "is not a member");

            // The host's next try is an hour away.
            two.transport().setPeers(Map.of(host, one.address()));

            one.reaches(two);
        }
    }
}
