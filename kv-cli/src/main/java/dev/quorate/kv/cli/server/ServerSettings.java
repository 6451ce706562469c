package dev.quorate.kv.cli.server;

import dev.quorate.kv.auth.JwtOptions;
import dev.quorate.kv.cli.CliException;
import dev.quorate.kv.cli.ClockDrifts;
import dev.quorate.kv.cli.Durations;
import dev.quorate.kv.cli.Sizes;
import dev.quorate.kv.cli.client.Endpoint;
import dev.quorate.kv.cli.cluster.Failures;
import dev.quorate.kv.server.Upkeep;
import dev.quorate.raft.transport.netty.tls.TlsOptions;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * How a server was told to run: checked, and not yet started.
 *
 * @param advertiseClient where clients reach it, null for the client address
 * @param initialCluster every voting member's name and peer address, this one's too
 * @param join clients' addresses of a cluster that runs and has added this member; empty for a founder
 * @param electionTimeout null for the server's own default, as the six below
 * @param upkeep what the server does for its store by itself
 * @param clientTls null for a client port without TLS
 * @param peerTls null for a peer port without TLS
 * @param authTokens null for simple tokens
 */
public record ServerSettings(
        String name,
        Endpoint clientAddress,
        @Nullable Endpoint advertiseClient,
        Endpoint peerAddress,
        Map<String, Endpoint> initialCluster,
        List<Endpoint> join,
        String clusterToken,
        Path dataDirectory,
        @Nullable Duration electionTimeout,
        @Nullable Duration heartbeatInterval,
        @Nullable Long snapshotEveryEntries,
        @Nullable Long snapshotBytesPerSecond,
        @Nullable Duration watchProgressNotifyInterval,
        @Nullable Double maxClockDrift,
        @Nullable Long maxLearners,
        Upkeep upkeep,
        @Nullable TlsOptions clientTls,
        @Nullable TlsOptions peerTls,
        @Nullable JwtOptions authTokens) {

    private static final String DEFAULT_CLIENT_ADDRESS = "127.0.0.1:2379";
    private static final String DEFAULT_PEER_ADDRESS = "127.0.0.1:2380";
    private static final String DEFAULT_TOKEN = "quorate";
    private static final String NAME_PATTERN = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}";

    /**
     * @param flags what the command line says; it wins over the file
     * @param file null if there is none
     * @throws CliException (usage) that names the flag, the value and what would be right
     */
    public static ServerSettings of(Map<ServerFlag, String> flags, @Nullable Path file) {
        Map<ServerFlag, String> values = new EnumMap<>(ServerFlag.class);
        if (file != null) {
            values.putAll(read(file));
        }
        values.putAll(flags);
        String name = required(values, ServerFlag.NAME);
        requireName(name);
        Endpoint peer = Endpoint.parse(values.getOrDefault(ServerFlag.PEER_ADDRESS, DEFAULT_PEER_ADDRESS));
        String members = values.get(ServerFlag.INITIAL_CLUSTER);
        Map<String, Endpoint> cluster = members == null ? Map.of(name, peer) : parseCluster(members);
        if (!cluster.containsKey(name)) {
            throw CliException.usage("--initial-cluster names " + String.join(", ", cluster.keySet())
                    + " but not this server, '" + name + "'; add " + name + "=" + peer);
        }
        String join = values.get(ServerFlag.JOIN);
        if (join != null && members != null) {
            throw CliException.usage("--join and --initial-cluster exclude each other: a server that joins is told who"
                    + " the members are");
        }
        String advertised = values.get(ServerFlag.ADVERTISE_CLIENT);
        ServerSettings settings = new ServerSettings(
                name,
                Endpoint.parse(values.getOrDefault(ServerFlag.CLIENT_ADDRESS, DEFAULT_CLIENT_ADDRESS)),
                advertised == null ? null : Endpoint.parse(advertised),
                peer,
                cluster,
                join == null ? List.of() : Endpoint.parseList(join),
                values.getOrDefault(ServerFlag.CLUSTER_TOKEN, DEFAULT_TOKEN),
                Path.of(required(values, ServerFlag.DATA_DIR)).toAbsolutePath().normalize(),
                duration(values, ServerFlag.ELECTION_TIMEOUT),
                duration(values, ServerFlag.HEARTBEAT_INTERVAL),
                number(values, ServerFlag.SNAPSHOT_EVERY, "log entries"),
                snapshotRate(values),
                duration(values, ServerFlag.WATCH_PROGRESS_NOTIFY_INTERVAL),
                clockDrift(values),
                number(values, ServerFlag.MAX_LEARNERS, "learners"),
                UpkeepSettings.of(values),
                TlsSettings.clients(values),
                TlsSettings.peers(values),
                AuthTokenSettings.of(values));
        settings.requireHeartbeatsBeforeElections();
        return settings;
    }

    private static Map<ServerFlag, String> read(Path file) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            throw CliException.usage("--config " + file + " cannot be read: " + Failures.reason(e));
        }
        Map<ServerFlag, String> values = new EnumMap<>(ServerFlag.class);
        for (String key : properties.stringPropertyNames()) {
            if (!ServerFlag.keys().contains(key)) {
                throw CliException.usage("--config " + file + ": nobody knows '" + key + "'; the keys are "
                        + String.join(", ", ServerFlag.keys()));
            }
        }
        for (ServerFlag flag : ServerFlag.values()) {
            String value = properties.getProperty(flag.key());
            if (value != null) {
                values.put(flag, value.strip());
            }
        }
        return values;
    }

    /** {@code n1=host:port,n2=host:port}, in the order in which they stand. */
    static Map<String, Endpoint> parseCluster(String text) {
        Map<String, Endpoint> members = new LinkedHashMap<>();
        for (String part : text.split(",", -1)) {
            List<String> sides = List.of(part.strip().split("=", 2));
            if (sides.size() != 2) {
                throw CliException.usage("--initial-cluster: '" + part + "' is not NAME=HOST:PORT");
            }
            requireName(sides.get(0));
            if (members.put(sides.get(0), Endpoint.parse(sides.get(1))) != null) {
                throw CliException.usage("--initial-cluster names '" + sides.get(0) + "' twice");
            }
        }
        if (members.values().stream().distinct().count() < members.size()) {
            throw CliException.usage("--initial-cluster gives two members the same address");
        }
        return members;
    }

    private void requireHeartbeatsBeforeElections() {
        if (electionTimeout != null && heartbeatInterval != null && heartbeatInterval.compareTo(electionTimeout) >= 0) {
            throw CliException.usage("--heartbeat-interval " + heartbeatInterval.toMillis()
                    + "ms must be shorter than --election-timeout " + electionTimeout.toMillis()
                    + "ms; a tenth of it is usual");
        }
    }

    private static void requireName(String name) {
        if (!name.matches(NAME_PATTERN)) {
            throw CliException.usage(
                    "'" + name + "' is no server name: up to 64 letters, digits, . _ - and a letter or digit first");
        }
    }

    private static String required(Map<ServerFlag, String> values, ServerFlag flag) {
        String value = values.get(flag);
        if (value == null || value.isBlank()) {
            throw CliException.usage("--" + flag.key() + " is missing (or '" + flag.key() + "' in the --config file)");
        }
        return value;
    }

    private static @Nullable Duration duration(Map<ServerFlag, String> values, ServerFlag flag) {
        String value = values.get(flag);
        try {
            return value == null ? null : Durations.parse(value);
        } catch (IllegalArgumentException e) {
            throw CliException.usage("--" + flag.key() + ": " + e.getMessage());
        }
    }

    private static @Nullable Double clockDrift(Map<ServerFlag, String> values) {
        String value = values.get(ServerFlag.MAX_CLOCK_DRIFT);
        try {
            return value == null ? null : ClockDrifts.parse(value);
        } catch (IllegalArgumentException e) {
            throw CliException.usage("--max-clock-drift: " + e.getMessage());
        }
    }

    private static @Nullable Long snapshotRate(Map<ServerFlag, String> values) {
        String value = values.get(ServerFlag.SNAPSHOT_RATE);
        if (value == null) {
            return null;
        }
        try {
            return Sizes.parse(value);
        } catch (IllegalArgumentException e) {
            throw CliException.usage("--snapshot-rate: " + e.getMessage());
        }
    }

    private static @Nullable Long number(Map<ServerFlag, String> values, ServerFlag flag, String what) {
        String value = values.get(flag);
        if (value == null) {
            return null;
        }
        try {
            long number = Long.parseLong(value);
            if (number >= 1) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Told below, together with numbers out of range.
        }
        throw CliException.usage("--" + flag.key() + " " + value + ": give a number of " + what + " from 1 up");
    }
}
