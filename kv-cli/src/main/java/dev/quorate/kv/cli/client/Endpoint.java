package dev.quorate.kv.cli.client;

import dev.quorate.kv.cli.CliException;
import java.util.Arrays;
import java.util.List;

/**
 * Where a server listens for clients.
 *
 * @param host a name or an address, IPv6 without brackets
 * @param port 1 to 65,535
 */
public record Endpoint(String host, int port) {

    private static final int MAX_PORT = 65_535;

    /**
     * Reads {@code host:port}, {@code [::1]:port}, with or without {@code http://} in front as etcd's tools write it.
     *
     * @throws CliException (usage) if it is none of these
     */
    public static Endpoint parse(String text) {
        String rest = text.strip();
        if (rest.startsWith("https://")) {
            throw CliException.usage("endpoint " + text + ": TLS is not supported; use host:port");
        }
        if (rest.startsWith("http://")) {
            rest = rest.substring("http://".length());
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
        return new Endpoint(host, parsePort(text, rest.substring(colon + 1)));
    }

    /** Reads a list separated by commas. */
    public static List<Endpoint> parseList(String text) {
        List<Endpoint> endpoints = Arrays.stream(text.split(",", -1))
                .filter(part -> !part.isBlank())
                .map(Endpoint::parse)
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

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
