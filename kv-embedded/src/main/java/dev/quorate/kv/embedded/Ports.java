package dev.quorate.kv.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Free ports on loopback. */
final class Ports {

    private Ports() {}

    /** Peer addresses for n1, n2 and so on, all different. */
    static Map<String, String> free(int nodes) throws IOException {
        Map<String, String> addresses = new TreeMap<>();
        List<ServerSocket> held = new ArrayList<>();
        try {
            for (int i = 1; i <= nodes; i++) {
                ServerSocket socket = new ServerSocket();
                held.add(socket);
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                addresses.put("n" + i, "127.0.0.1:" + socket.getLocalPort());
            }
        } finally {
            for (ServerSocket socket : held) {
                socket.close();
            }
        }
        return addresses;
    }
}
