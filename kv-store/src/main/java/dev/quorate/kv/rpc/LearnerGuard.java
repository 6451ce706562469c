package dev.quorate.kv.rpc;

import dev.quorate.kv.auth.Caller;
import dev.quorate.kv.mvcc.KvError;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * A learner stands by: as in etcd it tells how it is, gives a backup, and serves ranges that may be old, which {@link KvService} looks
 * at; clients take everything else to a voter. Health and reflection are of the process, and not of the member.
 */
final class LearnerGuard implements ServerInterceptor {

    private static final Set<String> SERVED =
            Set.of("etcdserverpb.Maintenance/Status", "etcdserverpb.Maintenance/Snapshot", "etcdserverpb.KV/Range");

    private static final String OF_THE_PROCESS = "grpc.";

    private final BooleanSupplier isLearner;

    LearnerGuard(BooleanSupplier isLearner) {
        this.isLearner = isLearner;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        if (isLearner.getAsBoolean()) {
            String method = call.getMethodDescriptor().getFullMethodName();
            if (!SERVED.contains(method) && !method.startsWith(OF_THE_PROCESS)) {
                new Answer<>(call, Caller.NOBODY).refuse(KvError.NOT_FOR_LEARNERS);
                return new ServerCall.Listener<>() {};
            }
        }
        return next.startCall(call, headers);
    }
}
