package dev.quorate.kv.cli.cluster;

import dev.quorate.kv.cli.CliException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Base ports of clusters that live for a moment only. */
public final class FreePorts {

    /** Below the ports that Linux hands out to outgoing connections. */
    private static final int FIRST = 20_000;

    private static final int LAST = 32_000;
    private static final int TRIES = 100;

    private FreePorts() {}

    /**
     * A base port whose ports are all free now; somebody may still take one before a cluster does.
     *
     * @throws CliException (definite) if none is found
     */
    public static int basePort(int nodes) {
        for (int i = 0; i < TRIES; i++) {
            int base = ThreadLocalRandom.current().nextInt(FIRST, LAST);
            boolean free = ClusterLayout.plan("", nodes, base).nodes().stream()
                    .allMatch(node ->
                            isFree(node.client().port()) && isFree(node.peer().port()));
            if (free) {
                return base;
            }
        }
        throw CliException.definite("no free ports between " + FIRST + " and " + LAST + " were found");
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
