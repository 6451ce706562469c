package dev.quorate.raft.transport.netty;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * Where a member listens: the transport's notation for addresses, {@code host:port}.
 *
 * @param host a name, an IPv4 address, or an IPv6 address without brackets
 * @param port 0 to 65,535; 0 lets the operating system choose
 */
record HostPort(String host, int port) {

    /** Stands for an address that could not be read; nobody can be reached there. */
    static final HostPort NOWHERE = new HostPort("nowhere", 0);

    private static final int MAX_PORT = 65_535;

    /** @throws IllegalArgumentException if the text is not of the form {@code host:port} or {@code [ipv6]:port} */
    static HostPort parse(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (bracketed) {
            host = host.substring(1, host.length() - 1);
        }
        int port = colon < 0 ? -1 : portOf(text.substring(colon + 1));
        if (host.isEmpty() || port < 0 || (host.indexOf(':') >= 0) != bracketed) {
            throw new IllegalArgumentException("peer address '" + text
                    + "' is not usable: it must be host:port with a port of 0 to " + MAX_PORT
                    + ", like 10.0.0.7:2380 or [::1]:2380");
        }
        return new HostPort(host, port);
    }

    private static int portOf(String digits) {
        if (digits.isEmpty() || digits.length() > 5 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return -1;
        }
        int port = Integer.parseInt(digits);
        return port <= MAX_PORT ? port : -1;
    }

    /** This address without asking anybody, or null if the host is a name that has to be looked up. */
    @Nullable
    InetSocketAddress literal() throws UnknownHostException {
        byte[] address = NetUtil.createByteArrayFromIpAddressString(host);
        return address == null ? null : new InetSocketAddress(InetAddress.getByAddress(address), port);
    }

    /** This address; may wait for a name server. */
    InetSocketAddress lookUp() throws UnknownHostException {
        return new InetSocketAddress(InetAddress.getByName(host), port);
    }

    static HostPort of(InetSocketAddress address) {
        return new HostPort(address.getAddress().getHostAddress(), address.getPort());
    }

    @Override
    public String toString() {
        return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
    }
}
