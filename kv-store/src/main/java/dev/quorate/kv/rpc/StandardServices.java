package dev.quorate.kv.rpc;

import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.util.List;

/** What any gRPC server should have: {@code grpc.health.v1.Health}, and reflection in both of its versions. */
final class StandardServices {

    private StandardServices() {}

    /** The server as a whole is "serving" for as long as it runs, as at etcd; what it can do now, {@code /readyz} says. */
    @SuppressWarnings("deprecation") // older tools know reflection only as v1alpha
    static List<ServerServiceDefinition> definitions() {
        return List.of(
                new HealthStatusManager().getHealthService().bindService(),
                ProtoReflectionServiceV1.newInstance().bindService(),
                io.grpc.protobuf.services.ProtoReflectionService.newInstance().bindService());
    }
}
