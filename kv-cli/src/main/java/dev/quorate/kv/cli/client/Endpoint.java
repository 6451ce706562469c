package dev.quorate.kv.cli.client;

import dev.quorate.kv.cli.CliException;
import java.util.Arrays;
import java.util.List;

/**
 * Where a server listens for clients.
 *
 * @param host a name or an address, IPv6 without brackets
 * @param port 1 to 65,535
 * @param tls whether it is spoken to with TLS
 */
public record Endpoint(String host, int port, boolean tls) {

    private static final int MAX_PORT = 65_535;
    private static final String HTTP = "http://";
    private static final String HTTPS = "https://";

    /** Without TLS. */
    public Endpoint(String host, int port) {
        this(host, port, false);
    }

    /** Where nothing is said about TLS, it is without. */
    public static Endpoint parse(String text) {
        return parse(text, false);
    }

    /**
     * Reads {@code host:port}, {@code [::1]:port}, with or without {@code http://} or {@code https://} in front as etcd's tools
     * write it.
     *
     * @param tls whether there is TLS where neither of the two stands in front
     *
     * @throws CliException (usage) if it is none of these
     */
    public static Endpoint parse(String text, boolean tls) {
        String rest = text.strip();
        boolean isTls = tls;
        if (rest.startsWith(HTTPS)) {
            rest = rest.substring(HTTPS.length());
            isTls = true;
        } else if (rest.startsWith(HTTP)) {
            rest = rest.substring(HTTP.length());
            isTls = false;
        }
        int colon = rest.lastIndexOf(':');
        String host = colon < 0 ? "" : rest.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0) {
            throw CliException.usage("endpoint " + text + ": write an IPv6 address in brackets, as in [::1]:2379");
        }
        if (host.isEmpty()) {
            throw CliException.usage("endpoint '" + text + "' is not host:port, as in 127.0.0.1:2379");
        }
        return new Endpoint(host, parsePort(text, rest.substring(colon + 1)), isTls);
    }

    /** Reads a list separated by commas. */
    public static List<Endpoint> parseList(String text) {
        return parseList(text, false);
    }

    /** Reads a list separated by commas; {@code tls} as for {@link #parse(String, boolean)}. */
    public static List<Endpoint> parseList(String text, boolean tls) {
        List<Endpoint> endpoints = Arrays.stream(text.split(",", -1))
                .filter(part -> !part.isBlank())
                .map(part -> parse(part, tls))
                .toList();
        if (endpoints.isEmpty()) {
            throw CliException.usage("the list of endpoints is empty; give host:port,…");
        }
        return endpoints;
    }

    private static int parsePort(String text, String digits) {
        try {
            int port = Integer.parseInt(digits);
            if (port >= 1 && port <= MAX_PORT) {
                return port;
            }
        } catch (NumberFormatException e) {
            // Told below, together with numbers out of range.
        }
        throw CliException.usage("endpoint " + text + ": the port must be a number from 1 to " + MAX_PORT);
    }

    /** The same, spoken to with TLS. */
    public Endpoint withTls() {
        return new Endpoint(host, port, true);
    }

    /** As a server is told where to listen, whatever is spoken there. */
    public String hostPort() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }

    /** As {@link #parse(String)} reads it. */
    @Override
    public String toString() {
        return tls ? HTTPS + hostPort() : hostPort();
    }
}
