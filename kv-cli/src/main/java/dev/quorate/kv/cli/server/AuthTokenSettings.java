package dev.quorate.kv.cli.server;

import dev.quorate.kv.auth.JwtOptions;
import dev.quorate.kv.cli.CliException;
import dev.quorate.kv.cli.Durations;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads {@code simple} or {@code jwt,NAME=VALUE,…}, as etcd writes it. */
final class AuthTokenSettings {

    private static final String SIMPLE = "simple";
    private static final String JWT = "jwt";
    private static final String METHOD = "sign-method";
    private static final String PRIVATE_KEY = "priv-key";
    private static final String PUBLIC_KEY = "pub-key";
    private static final String TTL = "ttl";
    private static final List<String> NAMES = List.of(METHOD, PRIVATE_KEY, PUBLIC_KEY, TTL);

    private AuthTokenSettings() {}

    /**
     * @return null for simple tokens
     * @throws CliException (usage) that says what is wrong
     */
    static @Nullable JwtOptions of(Map<ServerFlag, String> values) {
        String text = values.getOrDefault(ServerFlag.AUTH_TOKEN, SIMPLE);
        if (text.equals(SIMPLE)) {
            return null;
        }
        List<String> parts = List.of(text.split(",", -1));
        if (!parts.get(0).equals(JWT)) {
            throw usage("'" + parts.get(0) + "' is no kind of token; there are " + SIMPLE + " and " + JWT);
        }
        Map<String, String> options = new HashMap<>();
        for (String part : parts.subList(1, parts.size())) {
            int equals = part.indexOf('=');
            String name = equals < 0 ? part : part.substring(0, equals);
            if (equals < 0 || !NAMES.contains(name)) {
                throw usage("'" + part + "' is not NAME=VALUE with one of " + NAMES);
            }
            if (options.put(name, part.substring(equals + 1)) != null) {
                throw usage(name + " stands twice");
            }
        }
        String method = options.get(METHOD);
        Path privateKey = file(options.get(PRIVATE_KEY));
        Path publicKey = file(options.get(PUBLIC_KEY));
        if (method == null || (privateKey == null && publicKey == null)) {
            throw usage(JWT + " needs " + METHOD + " and a key: " + PUBLIC_KEY + ", and " + PRIVATE_KEY + " to sign");
        }
        String ttl = options.get(TTL);
        try {
            Duration life = ttl == null ? JwtOptions.DEFAULT_TTL : Durations.parse(ttl);
            return new JwtOptions(method, privateKey, publicKey, life);
        } catch (IllegalArgumentException e) {
            throw usage(String.valueOf(e.getMessage()));
        }
    }

    private static @Nullable Path file(@Nullable String name) {
        return name == null ? null : Path.of(name).toAbsolutePath().normalize();
    }

    private static CliException usage(String what) {
        return CliException.usage("--auth-token: " + what);
    }
}
