package dev.quorate.kv.rpc;

import io.grpc.MethodDescriptor;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;

/** Puts a service together whose methods take and give bytes. */
final class ServiceBuilder {

    private final ServerServiceDefinition.Builder service;
    private final Replicator replicator;

    ServiceBuilder(String name, Replicator replicator) {
        this.service = ServerServiceDefinition.builder(name);
        this.replicator = replicator;
    }

    ServiceBuilder method(MethodDescriptor<?, ?> method, UnaryHandler.Method<byte[], byte[]> handler) {
        service.addMethod(
                method.toBuilder(Marshallers.COMMAND, Marshallers.ENCODED).build(),
                new UnaryHandler<>(() -> replicator.status().leader() != null, handler));
        return this;
    }

    ServiceBuilder stream(MethodDescriptor<?, ?> method, ConversationHandler.Method handler) {
        service.addMethod(
                method.toBuilder(Marshallers.COMMAND, Marshallers.ENCODED).build(),
                new ConversationHandler(() -> replicator.status().leader() != null, handler));
        return this;
    }

    /** A stream that answers in its own time. */
    ServiceBuilder freeStream(MethodDescriptor<?, ?> method, ServerCallHandler<byte[], byte[]> handler) {
        service.addMethod(
                method.toBuilder(Marshallers.COMMAND, Marshallers.ENCODED).build(), handler);
        return this;
    }

    ServerServiceDefinition build() {
        return service.build();
    }
}
