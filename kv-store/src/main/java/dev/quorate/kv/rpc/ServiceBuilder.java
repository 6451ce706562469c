package dev.quorate.kv.rpc;

import io.grpc.MethodDescriptor;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import java.util.ArrayList;
import java.util.List;

/** Puts a service together whose methods take and give bytes. */
final class ServiceBuilder {

    private final String name;
    private final List<ServerMethodDefinition<?, ?>> methods = new ArrayList<>();
    private final Replicator replicator;

    ServiceBuilder(String name, Replicator replicator) {
        this.name = name;
        this.replicator = replicator;
    }

    ServiceBuilder method(MethodDescriptor<?, ?> method, UnaryHandler.Method<byte[], byte[]> handler) {
        return add(method, new UnaryHandler<>(() -> replicator.status().leader() != null, handler));
    }

    /** A stream of requests each of which has one answer. */
    ServiceBuilder stream(MethodDescriptor<?, ?> method, ConversationHandler.Method handler) {
        return add(method, new ConversationHandler(() -> replicator.status().leader() != null, handler));
    }

    /** A stream that answers in its own time. */
    ServiceBuilder freeStream(MethodDescriptor<?, ?> method, ServerCallHandler<byte[], byte[]> handler) {
        return add(method, handler);
    }

    private ServiceBuilder add(MethodDescriptor<?, ?> method, ServerCallHandler<byte[], byte[]> handler) {
        methods.add(ServerMethodDefinition.create(
                method.toBuilder(Marshallers.COMMAND, Marshallers.ENCODED).build(), handler));
        return this;
    }

    ServerServiceDefinition build() {
        ServiceDescriptor.Builder descriptor = ServiceDescriptor.newBuilder(name);
        for (ServerMethodDefinition<?, ?> method : methods) {
            descriptor.addMethod(method.getMethodDescriptor());
            // Reflection asks the service for its file; each of its methods knows it.
            descriptor.setSchemaDescriptor(method.getMethodDescriptor().getSchemaDescriptor());
        }
        ServerServiceDefinition.Builder service = ServerServiceDefinition.builder(descriptor.build());
        methods.forEach(service::addMethod);
        return service.build();
    }
}
