package dev.quorate.kv.cli.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.kv.auth.JwtOptions;
import dev.quorate.kv.cli.CliException;
import dev.quorate.kv.cli.ExitCode;
import dev.quorate.kv.cli.client.Endpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerSettingsTest {

    @TempDir
    Path temporary = Path.of("");

    @Test
    void aNameAndADirectoryAreEnough() {
        ServerSettings settings = ServerSettings.of(Map.of(ServerFlag.NAME, "n1", ServerFlag.DATA_DIR, "/data"), null);

        assertEquals(new Endpoint("127.0.0.1", 2379), settings.clientAddress());
        assertEquals(Map.of("n1", new Endpoint("127.0.0.1", 2380)), settings.initialCluster());
        assertEquals("quorate", settings.clusterToken());
        assertNull(settings.electionTimeout());
        assertNull(settings.snapshotEveryEntries());
    }

    @Test
    void tlsNeedsACertificateAndItsKey() {
        Map<ServerFlag, String> least = Map.of(ServerFlag.NAME, "n1", ServerFlag.DATA_DIR, "/data");

        assertTrue(refusal(least, ServerFlag.CLIENT_CERT_AUTH, "true").contains("--cert-file"));
        assertTrue(refusal(least, ServerFlag.TRUSTED_CA_FILE, "ca.crt").contains("--cert-file"));
        assertTrue(refusal(least, ServerFlag.CERT_FILE, "n1.crt").contains("--key-file"));
        assertTrue(refusal(least, ServerFlag.CLIENT_CERT_AUTH, "maybe").contains("true or false"));
    }

    @Test
    void signedTokensNeedTheirKeys() {
        Map<ServerFlag, String> least = Map.of(ServerFlag.NAME, "n1", ServerFlag.DATA_DIR, "/data");
        Map<ServerFlag, String> flags = new EnumMap<>(least);
        flags.put(ServerFlag.AUTH_TOKEN, "jwt,sign-method=RS256,priv-key=/k,pub-key=/p,ttl=10m");

        assertEquals(
                new JwtOptions("RS256", Path.of("/k"), Path.of("/p"), Duration.ofMinutes(10)),
                ServerSettings.of(flags, null).authTokens());
        flags.put(ServerFlag.AUTH_TOKEN, "jwt,sign-method=EdDSA,pub-key=/p");
        assertEquals(
                new JwtOptions("EdDSA", null, Path.of("/p"), JwtOptions.DEFAULT_TTL),
                ServerSettings.of(flags, null).authTokens());
        assertNull(ServerSettings.of(least, null).authTokens());
        assertTrue(refusal(least, ServerFlag.AUTH_TOKEN, "jwt").contains("sign-method and a key"));
        assertTrue(refusal(least, ServerFlag.AUTH_TOKEN, "paseto").contains("simple and jwt"));
        assertTrue(refusal(least, ServerFlag.AUTH_TOKEN, "jwt,key=/k").contains("'key=/k'"));
        assertTrue(refusal(least, ServerFlag.AUTH_TOKEN, "jwt,sign-method=RS256,priv-key=/k")
                .contains("pub-key"));
        assertTrue(refusal(least, ServerFlag.AUTH_TOKEN, "jwt,sign-method=none,priv-key=/k")
                .contains("sign-method none"));
    }

    private static String refusal(Map<ServerFlag, String> least, ServerFlag flag, String value) {
        Map<ServerFlag, String> flags = new EnumMap<>(least);
        flags.put(flag, value);
        return String.valueOf(assertThrows(CliException.class, () -> ServerSettings.of(flags, null))
                .getMessage());
    }

    @Test
    void flagsWinOverTheFile() throws IOException {
        Path file = Files.writeString(temporary.resolve("kv.properties"), """
                name=n2
                data-dir=/from/file
                initial-cluster=n1=a:1,n2=b:2
                peer-address=b:2
                client-address=0.0.0.0:2379
                advertise-client=db2:2379
                election-timeout=2s
                snapshot-every=500
                snapshot-rate=2MiB
                """);

        ServerSettings settings = ServerSettings.of(Map.of(ServerFlag.DATA_DIR, "/from/flag"), file);

        assertEquals("n2", settings.name());
        assertEquals(Path.of("/from/flag"), settings.dataDirectory());
        assertEquals(List.of("n1", "n2"), List.copyOf(settings.initialCluster().keySet()));
        assertEquals(new Endpoint("db2", 2379), settings.advertiseClient());
        assertEquals(Duration.ofSeconds(2), settings.electionTimeout());
        assertEquals(500, settings.snapshotEveryEntries());
        assertEquals(2 << 20, settings.snapshotBytesPerSecond());
    }

    @Test
    void anUnknownKeyInTheFileIsNamed() throws IOException {
        Path file = Files.writeString(temporary.resolve("kv.properties"), "data_dir=/x\n");

        assertRefused("data_dir", Map.of(ServerFlag.NAME, "n1"), file);
    }

    @Test
    void whatIsMissingOrWrongIsNamed() {
        assertRefused("--name", Map.of(ServerFlag.DATA_DIR, "/x"), null);
        assertRefused("--data-dir", Map.of(ServerFlag.NAME, "n1"), null);
        assertRefused("'n/1'", with(ServerFlag.NAME, "n/1"), null);
        assertRefused("not this server, 'n1'", with(ServerFlag.INITIAL_CLUSTER, "n2=a:1"), null);
        assertRefused("twice", with(ServerFlag.INITIAL_CLUSTER, "n1=a:1,n1=b:1"), null);
        assertRefused("same address", with(ServerFlag.INITIAL_CLUSTER, "n1=a:1,n2=a:1"), null);
        assertRefused("NAME=HOST:PORT", with(ServerFlag.INITIAL_CLUSTER, "n1"), null);
        assertRefused("--election-timeout", with(ServerFlag.ELECTION_TIMEOUT, "5"), null);
        for (String drift : List.of("-1", "11", "fast", "%", "1200%", "NaN")) {
            assertRefused(
                    "--max-clock-drift: '" + drift + "' is no bound", with(ServerFlag.MAX_CLOCK_DRIFT, drift), null);
        }
        assertEquals(
                0.01,
                ServerSettings.of(with(ServerFlag.MAX_CLOCK_DRIFT, "1%"), null).maxClockDrift());
        assertRefused(
                "--max-learners 0: give a number of learners from 1 up", with(ServerFlag.MAX_LEARNERS, "0"), null);
        assertRefused("--snapshot-rate: '10MB' is no size", with(ServerFlag.SNAPSHOT_RATE, "10MB"), null);
        assertRefused("--snapshot-rate: '9999999TiB' is more", with(ServerFlag.SNAPSHOT_RATE, "9999999TiB"), null);
        assertRefused("--auto-compaction-mode hourly", with(ServerFlag.AUTO_COMPACTION_MODE, "hourly"), null);
        assertRefused("--auto-compaction-retention", with(ServerFlag.AUTO_COMPACTION_RETENTION, "soon"), null);
        assertRefused("--corruption-check-interval", with(ServerFlag.CORRUPTION_CHECK_INTERVAL, "often"), null);
        assertRefused("at least 100 ms", with(ServerFlag.CORRUPTION_CHECK_INTERVAL, "1ms"), null);
        assertRefused("--quota-backend-bytes: '2GB'", with(ServerFlag.QUOTA_BACKEND_BYTES, "2GB"), null);
        assertRefused("--snapshot-every 0", with(ServerFlag.SNAPSHOT_EVERY, "0"), null);
        assertRefused("client:nowhere", with(ServerFlag.CLIENT_ADDRESS, "client:nowhere"), null);
    }

    @Test
    void heartbeatsComeBeforeElections() {
        Map<ServerFlag, String> flags = Map.of(
                ServerFlag.NAME, "n1",
                ServerFlag.DATA_DIR, "/x",
                ServerFlag.ELECTION_TIMEOUT, "100ms",
                ServerFlag.HEARTBEAT_INTERVAL, "100ms");

        assertRefused("--heartbeat-interval", flags, null);
    }

    private static Map<ServerFlag, String> with(ServerFlag flag, String value) {
        Map<ServerFlag, String> flags =
                new java.util.HashMap<>(Map.of(ServerFlag.NAME, "n1", ServerFlag.DATA_DIR, "/x"));
        flags.put(flag, value);
        return flags;
    }

    private static void assertRefused(
            String part, Map<ServerFlag, String> flags, @org.jspecify.annotations.Nullable Path file) {
        CliException e = assertThrows(CliException.class, () -> ServerSettings.of(flags, file));

        assertEquals(ExitCode.USAGE, e.exitCode());
        assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
    }
}
