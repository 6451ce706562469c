package dev.quorate.jepsen.cluster;

/** Where a server listens; the host is 127.0.0.1. */
public record NodeAddress(String name, int clientPort, int peerPort) {
    public static final String HOST = "127.0.0.1";

    public String client() {
        return HOST + ":" + clientPort;
    }

    public String peer() {
        return HOST + ":" + peerPort;
    }
}
