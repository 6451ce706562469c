package dev.quorate.kv.http;

import java.util.Map;

/** For tests of the whole server. */
public final class AllGatewayPaths {

    private AllGatewayPaths() {}

    /** By path, gRPC's full names of methods. */
    public static Map<String, String> methods() {
        return GatewayPaths.methods();
    }
}
