package dev.quorate.kv.cli.server;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What a server can be told, under one name on the command line ({@code --data-dir}) and in a file ({@code data-dir}). */
public enum ServerFlag {
    NAME,
    CLIENT_ADDRESS,
    ADVERTISE_CLIENT,
    PEER_ADDRESS,
    INITIAL_CLUSTER,
    JOIN,
    CLUSTER_TOKEN,
    DATA_DIR,
    ELECTION_TIMEOUT,
    HEARTBEAT_INTERVAL,
    SNAPSHOT_EVERY,
    SNAPSHOT_RATE,
    WATCH_PROGRESS_NOTIFY_INTERVAL,
    MAX_CLOCK_DRIFT,
    MAX_LEARNERS,
    QUOTA_BACKEND_BYTES,
    AUTO_COMPACTION_MODE,
    AUTO_COMPACTION_RETENTION,
    CORRUPTION_CHECK_INTERVAL,
    AUTH_TOKEN,
    CERT_FILE,
    KEY_FILE,
    CLIENT_CERT_AUTH,
    TRUSTED_CA_FILE,
    PEER_CERT_FILE,
    PEER_KEY_FILE,
    PEER_CLIENT_CERT_AUTH,
    PEER_TRUSTED_CA_FILE;

    /** As a file writes it. */
    public String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static List<String> keys() {
        return Arrays.stream(values()).map(ServerFlag::key).toList();
    }
}
