package dev.quorate.kv.http;

import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * etcd's JSON gateway: each path calls a method of the gRPC services, with the same handlers and the same checks. What a service
 * has, the gateway has.
 */
public final class Gateway {

    private final Map<String, Page> pages = new HashMap<>();

    /**
     * @param services calls them
     * @param definitions what they have
     */
    public Gateway(Channel services, List<ServerServiceDefinition> definitions) {
        Map<String, MethodDescriptor<?, ?>> methods = new HashMap<>();
        for (ServerServiceDefinition service : definitions) {
            for (ServerMethodDefinition<?, ?> method : service.getMethods()) {
                methods.put(method.getMethodDescriptor().getFullMethodName(), method.getMethodDescriptor());
            }
        }
        GatewayPaths.methods().forEach((path, name) -> pages.put(path, page(services, name, methods.get(name))));
    }

    /** What answers a path; null if it is none of the gateway's. */
    public @Nullable Page page(String path) {
        return pages.get(path);
    }

    private static Page page(Channel services, String name, @Nullable MethodDescriptor<?, ?> method) {
        if (method == null) {
            return exchange -> exchange.fail(501, "unknown method " + name);
        }
        if (!(method.getSchemaDescriptor() instanceof ProtoMethodDescriptorSupplier schema)) {
            throw new IllegalArgumentException("the method " + name + " does not know its protobuf types");
        }
        MethodDescriptor<byte[], byte[]> bytes =
                method.toBuilder(RawBytes.INSTANCE, RawBytes.INSTANCE).build();
        return exchange -> {
            if (!exchange.request().method().equals("POST")) {
                exchange.fail(405, "Method Not Allowed: " + exchange.request().path() + " takes POST");
                return;
            }
            new GatewayCall(services, bytes, schema.getMethodDescriptor(), exchange).start();
        };
    }
}
