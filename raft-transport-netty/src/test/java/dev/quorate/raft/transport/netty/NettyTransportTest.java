package dev.quorate.raft.transport.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import java.io.IOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class NettyTransportTest {

    private final NodeId id1 = Member.name("a");
    private final NodeId id2 = Member.name("b");

    private Message append(int prevLogIndex, int bytes) {
        return new Message.AppendEntries(
                id1, id2, 3, prevLogIndex, 3, List.of(Entry.command(prevLogIndex + 1, 3, new byte[bytes])), 0);
    }

    private Message heartbeat(long round) {
        return new Message.Heartbeat(id1, id2, 3, 0, round, 0);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void everyKindOfMessageArrivesAsItWasSentOverEitherKindOfIo(boolean nativeIo) throws Exception {
        try (Member one = Member.start(Messages.FROM, o -> o.nativeIo(nativeIo));
                Member two = Member.start(Messages.TO, o -> o.nativeIo(nativeIo))) {
            Member.introduce(one, two);
            one.reaches(two);
            List<Message> sent =
                    Messages.kinds().stream().map(kind -> kind.sample()).toList();

            for (Message message : sent) {
                one.transport().send(List.of(message));
            }

            Eventually.until("all arrived", () -> two.heard().messages.size() == sent.size());
            for (Message message : sent) {
                assertTrue(
                        two.heard().messages.stream().anyMatch(m -> Messages.same(m, message)), "missing: " + message);
            }
        }
    }

    @Test
    void bothDirectionsWork() throws Exception {
        try (Member one = Member.start(id1);
                Member two = Member.start(id2)) {
            Member.introduce(one, two);

            one.reaches(two);
            two.reaches(one);

            assertEquals(
                    1, CapturedLog.linesOf(id1.value(), "connected to " + id2).size());
        }
    }

    @Test
    void entriesArriveInTheOrderTheyWereSentHoweverLargeEachIs() throws Exception {
        try (Member one = Member.start(id1, o -> o.eventLoopThreads(2));
                Member two = Member.start(id2)) {
            Member.introduce(one, two);
            one.reaches(two);
            List<Message> sent = IntStream.range(0, 2_000)
                    .mapToObj(i -> append(i, i % 100 == 0 ? 300_000 : i % 7))
                    .toList();

            for (int i = 0; i < sent.size(); i += 10) {
                one.transport().send(sent.subList(i, i + 10));
            }

            Eventually.until("all arrived", () -> two.heard().messages.size() == sent.size());
            assertEquals(sent, List.copyOf(two.heard().messages));
        }
    }

    @Test
    void aPeerThatComesBackIsDialledAgainAndItsAbsenceIsReported() throws Exception {
        try (Member one = Member.start(id1)) {
            int port;
            try (Member two = Member.start(id2)) {
                Member.introduce(one, two);
                one.reaches(two);
                port = two.port();
                one.heard().unreachable.clear();
            }

            Eventually.until(
                    "the loss is reported", () -> one.heard().unreachable.contains(id2));
            Eventually.until(
                    "the loss is logged",
                    () -> !CapturedLog.linesOf(id1.value(), "lost the connection to " + id2)
                            .isEmpty());
            try (Member two = Member.start(id2, Member.CLUSTER, port, UnaryOperator.identity())) {
                Member.introduce(one, two);
                one.reaches(two);
            }
        }
    }

    @Test
    void whatIsSentWithoutAConnectionIsDroppedAndReportedWithoutAFloodOfReports() throws Exception {
        try (Member one = Member.start(id1);
                ServerSocket deaf = Stranger.listen()) {
            one.transport().setPeers(Map.of(id2, "127.0.0.1:" + deaf.getLocalPort()));
            long start = System.nanoTime();

            for (int i = 0; i < 10_000; i++) {
                one.transport().send(List.of(heartbeat(i)));
            }

            Eventually.until("it is reported", () -> one.heard().unreachable.contains(id2));
            long most = 3 + (System.nanoTime() - start) / 50_000_000;
            assertTrue(
                    one.heard().unreachable.size() <= most,
                    "reported " + one.heard().unreachable.size());
        }
    }

    @Test
    void whatAPeerDoesNotReadIsQueuedToALimitThenDroppedAndReported() throws Exception {
        try (Member one = Member.start(id1, o -> o.maxQueuedBytesPerPeer(20 << 20));
                ServerSocket server = Stranger.listen()) {
            one.transport().setPeers(Map.of(id2, "127.0.0.1:" + server.getLocalPort()));
            try (Stranger two = Stranger.welcome(server)) {
                Eventually.until(
                        "connected",
                        () -> !CapturedLog.linesOf(id1.value(), "connected").isEmpty());
                one.heard().unreachable.clear();

                // The peer reads nothing: 200 MB is more than the queue and all socket buffers take.
                for (int i = 0; i < 200; i++) {
                    one.transport().send(List.of(append(i, 1 << 20)));
                }

                Eventually.until(
                        "the overflow is reported",
                        () -> one.heard().unreachable.contains(id2));
                List<Long> indexes = new ArrayList<>();
                one.transport().send(List.of(heartbeat(99)));
                for (Frame frame = two.read(); !frame.header().hasHeartbeat(); frame = two.read()) {
                    if (frame.header().hasAppendEntries()) {
                        indexes.add(frame.header().getAppendEntries().getPrevLogIndex());
                    }
                }
                assertEquals(LongList.upTo(indexes.size()), indexes, "without a gap before the overflow");
            }
        }
    }

    @Test
    void heartbeatsOvertakeAHundredMegabytesOfEntries() throws Exception {
        try (Member one = Member.start(id1, o -> o.maxQueuedBytesPerPeer(200 << 20));
                ServerSocket server = Stranger.listen()) {
            one.transport().setPeers(Map.of(id2, "127.0.0.1:" + server.getLocalPort()));
            try (Stranger two = Stranger.welcome(server)) {
                Eventually.until(
                        "connected",
                        () -> !CapturedLog.linesOf(id1.value(), "connected").isEmpty());
                one.transport()
                        .send(IntStream.range(0, 100)
                                .mapToObj(i -> append(i, 1 << 20))
                                .toList());
                // Something of it was written: the peer's side of the socket is full or filling.
                assertTrue(two.read().header().hasAppendEntries());

                one.transport().send(List.of(heartbeat(1)));

                int before = 1;
                for (Frame frame = two.read(); !frame.header().hasHeartbeat(); frame = two.read()) {
                    before++;
                }
                // What the operating system had taken already cannot be overtaken: some megabytes on loopback.
                assertTrue(before < 40, before + " MB of entries came before the heartbeat");
            }
        }
    }

    @Test
    void aMessageThatNoPeerWouldTakeIsDroppedAndSaidSoAndTheConnectionStays() throws Exception {
        try (Member one = Member.start(id1, o -> o.maxFrameBytes(1 << 20));
                Member two = Member.start(id2, o -> o.maxFrameBytes(1 << 20))) {
            Member.introduce(one, two);
            one.reaches(two);

            one.transport().send(List.of(append(0, 2 << 20), append(1, 10)));

            Eventually.until("the small one arrived", () -> two.heard().messages.size() == 1);
            assertEquals(
                    1, CapturedLog.linesOf(id1.value(), "raise maxFrameBytes").size());
            assertEquals(1, CapturedLog.linesOf(id1.value(), "connected to").size());
        }
    }

    @Test
    void aPeerThatIsNoPeerAnyMoreIsCutOffInBothDirections() throws Exception {
        try (Member one = Member.start(id1);
                Member two = Member.start(id2)) {
            Member.introduce(one, two);
            one.reaches(two);
            two.reaches(one);

            one.transport().setPeers(Map.of());

            Eventually.until(
                    "two is refused",
                    () -> !CapturedLog.linesOf(id2.value(), "is not a member of this group")
                            .isEmpty());
            one.transport().send(List.of(heartbeat(1)));
            two.transport().send(List.of(new Message.Heartbeat(id2, id1, 3, 0, 1, 0)));
            one.transport().setPeers(Map.of(id2, two.address()));
            one.reaches(two);
            assertFalse(two.heard().messages.contains(heartbeat(1)));
            assertEquals(List.of(), List.copyOf(one.heard().messages));
        }
    }

    @Test
    void aPeerMayMoveToAnotherAddress() throws Exception {
        try (Member one = Member.start(id1);
                Member before = Member.start(id2);
                Member after = Member.start(id2)) {
            Member.introduce(one, before);
            one.reaches(before);

            after.transport().setPeers(Map.of(id1, one.address()));
            one.transport().setPeers(Map.of(id2, after.address()));

            one.reaches(after);
        }
    }

    @Test
    void anAddressThatIsNoneIsSaidSoAndHarmsNothingElse() throws Exception {
        try (Member one = Member.start(id1);
                Member two = Member.start(id2)) {
            two.transport().setPeers(Map.of(id1, one.address()));

            one.transport().setPeers(Map.of(id2, two.address(), NodeId.of("lost"), "somewhere"));

            one.reaches(two);
            assertEquals(
                    1,
                    CapturedLog.linesOf(id1.value(), "peer lost cannot be reached")
                            .size());
        }
    }

    @Test
    void aTakenPortIsOneClearLine() throws Exception {
        try (Member one = Member.start(id1)) {
            IOException refused = assertThrows(
                    BindException.class, () -> Member.start(id2, Member.CLUSTER, one.port(), UnaryOperator.identity()));

            assertEquals(
                    "peer port " + one.address()
                            + " is taken by another process; choose another peer address, or stop it",
                    refused.getMessage());
        }
    }

    @Test
    void anAddressOfAnotherHostIsOneClearLine() {
        NettyTransport transport =
                NettyTransport.create(NettyTransportOptions.of(id1, Member.CLUSTER, Member.GROUP, "192.0.2.1:0"));

        IOException refused = assertThrows(IOException.class, () -> transport.start(new Recorder()));

        assertTrue(String.valueOf(refused.getMessage())
                .startsWith("peer address 192.0.2.1:0 is not an address of this host"));
    }

    @Test
    void namesAreLookedUp() throws Exception {
        try (Member one = Member.start(id1);
                Member two = Member.start(id2)) {
            two.transport().setPeers(Map.of(id1, one.address()));

            one.transport().setPeers(Map.of(id2, "localhost:" + two.port()));

            one.reaches(two);
        }
    }

    @Test
    void aMessageFromAnotherMemberIsTheCallersFault() throws Exception {
        try (Member two = Member.start(id2)) {
            assertThrows(IllegalArgumentException.class, () -> two.transport().send(List.of(heartbeat(1))));
        }
    }

    @Test
    void aMemberThatThrowsLosesOneMessageAndNotTheConnection() throws Exception {
        try (Member one = Member.start(id1)) {
            Recorder heard = new Recorder() {
                @Override
                public void onMessage(Message message) {
                    if (message.equals(heartbeat(13))) {
                        throw new IllegalStateException("unlucky");
                    }
                    super.onMessage(message);
                }
            };
            NettyTransport transport =
                    NettyTransport.create(Member.options(id2, Member.CLUSTER, 0).build());
            transport.start(heard);
            try (Member two = new Member(id2, transport, heard)) {
                Member.introduce(one, two);
                one.reaches(two);

                one.transport().send(List.of(heartbeat(12), heartbeat(13), heartbeat(14)));

                Eventually.until("the others arrived", () -> heard.messages.size() == 2);
                assertEquals(1, CapturedLog.linesOf(id2.value(), "unlucky").size());
            }
        }
    }

    @Test
    void aClosedTransportHasGivenItsPortAndItsConnectionsBack() throws Exception {
        try (Member two = Member.start(id2)) {
            int port = 0;
            // Event loops that end in the wrong moment leave sockets open: not each time, but in a few of a hundred.
            for (int i = 0; i < 100; i++) {
                try (Member one = Member.start(id1, Member.CLUSTER, port, UnaryOperator.identity())) {
                    port = one.port();
                    Member.introduce(one, two);
                }
            }
        }
    }

    @Test
    void closingTwiceAndFromTheTransportsOwnThreadIsFine() throws Exception {
        Member one = Member.start(id1);
        CompletableFuture<Void> closedByListener = new CompletableFuture<>();
        NettyTransport transport =
                NettyTransport.create(Member.options(id2, Member.CLUSTER, 0).build());
        transport.start(new Recorder() {
            @Override
            public void onMessage(Message message) {
                transport.close();
                closedByListener.complete(null);
            }
        });
        one.transport()
                .setPeers(Map.of(id2, "127.0.0.1:" + transport.boundAddress().getPort()));
        transport.setPeers(Map.of(id1, one.address()));

        Eventually.until("the listener closed its transport", () -> {
            one.transport().send(List.of(heartbeat(1)));
            return closedByListener.isDone();
        });
        transport.close();
        one.close();
        one.close();

        one.transport().send(List.of(heartbeat(2)));
        assertThrows(IllegalStateException.class, () -> one.transport().start(new Recorder()));
        Eventually.until(
                "its threads have ended",
                () -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(t -> t.getName().startsWith("raft-" + id1 + "-")));
    }

    /** 0, 1, 2 … as the log indexes they are. */
    private static final class LongList {
        static List<Long> upTo(int count) {
            return IntStream.range(0, count).mapToObj(i -> (long) i).toList();
        }
    }
}
