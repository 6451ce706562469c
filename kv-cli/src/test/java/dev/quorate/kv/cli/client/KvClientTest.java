package dev.quorate.kv.cli.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.RangeRequest;
import io.grpc.Status;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which endpoint is asked after which failure, against servers on loopback. */
class KvClientTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(6);
    private static final PutRequest PUT =
            PutRequest.newBuilder().setKey(ByteString.copyFromUtf8("k")).build();
    private static final RangeRequest GET =
            RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8("k")).build();

    @Test
    void aWriteGoesOnAfterARefusedConnection() throws IOException {
        try (FakeServer well = FakeServer.well();
                KvClient client = client(nobodyListens(), well.endpoint())) {
            client.put(PUT);

            assertEquals(1, well.calls.get());
        }
    }

    @Test
    void aWriteGoesOnPastAServerThatAcceptsButDoesNotSpeak() throws IOException {
        try (ServerSocket mute = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                FakeServer well = FakeServer.well();
                KvClient client = client(new Endpoint("127.0.0.1", mute.getLocalPort()), well.endpoint())) {
            client.put(PUT);

            assertEquals(1, well.calls.get());
        }
    }

    @Test
    void aWriteGoesOnAfterADefiniteNoLeader() throws IOException {
        Status noLeader = Status.UNAVAILABLE.withDescription("etcdserver: no leader");
        try (FakeServer leaderless = FakeServer.failing(noLeader, "definite");
                FakeServer well = FakeServer.well();
                KvClient client = client(leaderless.endpoint(), well.endpoint())) {
            client.put(PUT);

            assertEquals(1, leaderless.calls.get());
            assertEquals(1, well.calls.get());
        }
    }

    @Test
    void aWriteGoesOnPastALearner() throws IOException {
        Status learner = Status.FAILED_PRECONDITION.withDescription("etcdserver: rpc not supported for learner");
        try (FakeServer standing = FakeServer.failing(learner, "definite");
                FakeServer well = FakeServer.well();
                KvClient client = client(standing.endpoint(), well.endpoint())) {
            client.put(PUT);

            assertEquals(1, standing.calls.get());
            assertEquals(1, well.calls.get());
        }
    }

    @Test
    void aWriteIsNeverRepeatedAfterAnUnknownOutcome() throws IOException {
        Status lost = Status.UNAVAILABLE.withDescription("etcdserver: leader changed");
        try (FakeServer unsure = FakeServer.failing(lost, "indefinite");
                FakeServer well = FakeServer.well();
                KvClient client = client(unsure.endpoint(), well.endpoint())) {
            CallFailedException e = assertThrows(CallFailedException.class, () -> client.put(PUT));

            assertEquals(Outcome.INDEFINITE, e.outcome());
            assertEquals(1, unsure.calls.get());
            assertEquals(0, well.calls.get());
        }
    }

    @Test
    void aWriteThatIsNotAnsweredInTimeHasAnUnknownOutcome() throws IOException {
        try (FakeServer silent = FakeServer.silent();
                FakeServer well = FakeServer.well();
                KvClient client = new KvClient(List.of(silent.endpoint(), well.endpoint()), Duration.ofMillis(700))) {
            CallFailedException e = assertThrows(CallFailedException.class, () -> client.put(PUT));

            assertEquals(Outcome.INDEFINITE, e.outcome());
            assertTrue(String.valueOf(e.getMessage()).contains("no answer in time"), e.getMessage());
            assertEquals(0, well.calls.get());
        }
    }

    @Test
    void aRefusedWriteIsNotTakenElsewhere() throws IOException {
        Status tooLarge = Status.INVALID_ARGUMENT.withDescription("etcdserver: request is too large");
        try (FakeServer refusing = FakeServer.failing(tooLarge, null);
                FakeServer well = FakeServer.well();
                KvClient client = client(refusing.endpoint(), well.endpoint())) {
            CallFailedException e = assertThrows(CallFailedException.class, () -> client.put(PUT));

            assertEquals(Outcome.DEFINITE, e.outcome());
            assertTrue(String.valueOf(e.getMessage()).contains("request is too large"), e.getMessage());
            assertEquals(0, well.calls.get());
        }
    }

    @Test
    void aReadGoesOnAfterAnUnknownOutcomeAndAfterSilence() throws IOException {
        Status lost = Status.UNAVAILABLE.withDescription("etcdserver: leader changed");
        try (FakeServer unsure = FakeServer.failing(lost, "indefinite");
                FakeServer silent = FakeServer.silent();
                FakeServer well = FakeServer.well();
                KvClient client = client(unsure.endpoint(), silent.endpoint(), well.endpoint())) {
            assertEquals(1, client.range(GET).getCount());
        }
    }

    @Test
    void aReadIsAskedAgainWhileThereIsTime() throws IOException {
        Status lost = Status.UNAVAILABLE.withDescription("etcdserver: leader changed");
        try (FakeServer once = FakeServer.failingOnce(lost);
                KvClient client = client(once.endpoint())) {
            assertEquals(1, client.range(GET).getCount());
            assertEquals(2, once.calls.get());
        }
    }

    @Test
    void aReadThatFailsEverywhereChangedNothing() throws IOException {
        Status lost = Status.UNAVAILABLE.withDescription("etcdserver: leader changed");
        try (FakeServer unsure = FakeServer.failing(lost, "indefinite");
                KvClient client = new KvClient(List.of(unsure.endpoint()), Duration.ofMillis(500))) {
            CallFailedException e = assertThrows(CallFailedException.class, () -> client.range(GET));

            assertEquals(Outcome.DEFINITE, e.outcome());
        }
    }

    @Test
    void whenNobodyListensItSaysSoAtOnce() throws IOException {
        Endpoint first = nobodyListens();
        Endpoint second = nobodyListens();
        try (KvClient client = new KvClient(List.of(first, second), Duration.ofMinutes(1))) {
            CallFailedException e = assertThrows(CallFailedException.class, () -> client.put(PUT));

            assertEquals(Outcome.DEFINITE, e.outcome());
            assertEquals(
                    "no endpoint could answer: " + first + ": connection refused; " + second + ": connection refused",
                    e.getMessage());
        }
    }

    @Test
    void statusAsksEveryEndpointAndWaitsForNone() throws IOException {
        Endpoint down = nobodyListens();
        try (FakeServer well = FakeServer.well();
                KvClient client = client(down, well.endpoint())) {
            List<StatusAnswer> answers = client.statusOfAll();

            assertEquals("down", answers.get(0).role());
            assertEquals(down + ": connection refused", answers.get(0).error());
            ServerStatus status = answers.get(1).status();
            assertNotNull(status);
            assertEquals(ServerStatus.Role.leader, status.role());
            assertEquals(12, status.commitIndex());
            assertEquals(11, status.appliedIndex());
        }
    }

    private static KvClient client(Endpoint... endpoints) {
        return new KvClient(List.of(endpoints), TIMEOUT);
    }

    private static Endpoint nobodyListens() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new Endpoint("127.0.0.1", socket.getLocalPort());
        }
    }
}
