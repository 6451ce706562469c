package dev.quorate.kv.cli;

import dev.quorate.kv.cli.client.Credentials;
import dev.quorate.kv.cli.client.Endpoint;
import dev.quorate.kv.cli.client.KvClient;
import dev.quorate.kv.cli.client.Servers;
import dev.quorate.kv.cli.cluster.ClusterDirectory;
import dev.quorate.kv.cli.cluster.ClusterLayout;
import dev.quorate.raft.transport.netty.tls.TlsOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which servers a client command asks, and for how long. */
final class EndpointOptions {

    static final String ENVIRONMENT = "KV_ENDPOINTS";

    static final String USER_ENVIRONMENT = "KV_USER";

    @Option(
            names = "--endpoints",
            paramLabel = "[https://]HOST:PORT,…",
            description = "Servers to ask, in this order. Default: $" + ENVIRONMENT
                    + ", else the nodes of the cluster in --dir.")
    private @Nullable String endpoints;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "Directory of the cluster that 'kv cluster start' made. Default: ~/.quorate.")
    private @Nullable Path directory;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "5s",
            description =
                    "For the whole command, all attempts together; such as 500ms, 5s, 1m. Default: ${DEFAULT-VALUE}.")
    private Duration timeout = Duration.ofSeconds(5);

    @Option(
            names = "--user",
            paramLabel = "NAME[:PASSWORD]",
            description = "Who asks, where permissions are in force; without a password it is asked for. Default: $"
                    + USER_ENVIRONMENT + ".")
    private @Nullable String user;

    @Mixin
    private final TlsFlags tls = new TlsFlags();

    KvClient connect() {
        return connect(timeout);
    }

    /** For who does not ask by a {@link KvClient} alone. */
    Servers servers() {
        return new Servers(resolve(), tls(), credentials(user, System.getenv(USER_ENVIRONMENT)));
    }

    /** With another timeout than the command's, for what may wait for others. */
    KvClient connect(Duration patience) {
        return servers().connect(patience);
    }

    /** Flags win over the environment; other users of the machine see a command line, and not the environment. */
    static @Nullable Credentials credentials(@Nullable String flag, @Nullable String environment) {
        String text = flag != null ? flag : environment;
        if (text == null || text.isBlank()) {
            return null;
        }
        int colon = text.indexOf(':');
        String name = colon < 0 ? text : text.substring(0, colon);
        if (name.isEmpty()) {
            throw CliException.usage("the user '" + text + "' has no name; it is NAME or NAME:PASSWORD");
        }
        return new Credentials(name, colon < 0 ? Passwords.ask("Password of " + name) : text.substring(colon + 1));
    }

    List<Endpoint> resolve() {
        List<Endpoint> asked =
                resolve(endpoints, System.getenv(ENVIRONMENT), ClusterDirectory.orDefault(directory), tls.isSet());
        tls.requireUse(asked);
        return asked;
    }

    /** For endpoints with TLS: what is said, else what the cluster's directory has; null if there is neither. */
    @Nullable
    TlsOptions tls() {
        TlsOptions said = tls.options();
        return said != null || isElsewhere()
                ? said
                : ClusterDirectory.orDefault(directory).clientTls();
    }

    private boolean isElsewhere() {
        String environment = System.getenv(ENVIRONMENT);
        return endpoints != null || (environment != null && !environment.isBlank());
    }

    Duration timeout() {
        return timeout;
    }

    /** The server processes of the cluster in --dir, if these are its endpoints; else none. */
    List<Long> localPids(List<Endpoint> asked) {
        ClusterDirectory cluster = ClusterDirectory.orDefault(directory);
        ClusterLayout layout = cluster.layoutIfPresent();
        return layout != null && layout.clientEndpoints().containsAll(asked) ? cluster.pids() : List.of();
    }

    /** Flags win over the environment, and that over what the cluster's directory remembers. */
    static List<Endpoint> resolve(
            @Nullable String flag, @Nullable String environment, ClusterDirectory directory, boolean tls) {
        if (flag != null) {
            return Endpoint.parseList(flag, tls);
        }
        if (environment != null && !environment.isBlank()) {
            return Endpoint.parseList(environment, tls);
        }
        ClusterLayout layout = directory.layoutIfPresent();
        return (layout == null ? ClusterLayout.defaults() : layout).clientEndpoints();
    }
}
