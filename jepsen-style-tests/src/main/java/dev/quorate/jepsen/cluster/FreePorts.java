package dev.quorate.jepsen.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** Finds ports for the servers of a run. */
public final class FreePorts {

    // Below what the kernel hands out by itself (from 32768 on): there, the port of a killed server could be taken by
    // some
    // outgoing connection before the server is back. Above 20000, where few programs listen by habit.
    private static final int LOWEST = 20_000;
    private static final int HIGHEST = 32_000;
    private static final int MAX_TRIES = 1_000;

    private FreePorts() {}

    /** Addresses of nodes n1, n2, … on ports that nobody listens on just now. */
    public static List<NodeAddress> nodes(int count) {
        List<Integer> ports = new ArrayList<>();
        for (int tries = 0; ports.size() < 2 * count; tries++) {
            if (tries == MAX_TRIES) {
                throw new IllegalStateException("no " + 2 * count + " free ports between " + LOWEST + " and " + HIGHEST
                        + "; name a base port that is free");
            }
            int port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
            if (!ports.contains(port) && isFree(port)) {
                ports.add(port);
            }
        }
        List<NodeAddress> nodes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            nodes.add(new NodeAddress("n" + (i + 1), ports.get(2 * i), ports.get(2 * i + 1)));
        }
        return nodes;
    }

    /** Addresses of nodes n1, n2, … with the ports base, base + 1; base + 10, base + 11; … */
    public static List<NodeAddress> nodesFrom(int basePort, int count) {
        List<NodeAddress> nodes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            nodes.add(new NodeAddress("n" + (i + 1), basePort + 10 * i, basePort + 10 * i + 1));
        }
        return nodes;
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
