package dev.quorate.conformance;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;

/** A cluster of ours whose answers are thrown away: each becomes an empty message, each refusal another one. */
final class LiarCluster extends QuorateCluster {

    private static final ClientInterceptor LIES = new ClientInterceptor() {
        @Override
        public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
            return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
                @Override
                public void start(Listener<A> listener, Metadata headers) {
                    super.start(new Liar<>(method, listener), headers);
                }
            };
        }
    };

    LiarCluster() throws IOException {}

    /** What the caller sees. */
    private static final class Liar<A> extends SimpleForwardingClientCallListener<A> {
        private final MethodDescriptor<?, A> method;

        Liar(MethodDescriptor<?, A> method, ClientCall.Listener<A> caller) {
            super(caller);
            this.method = method;
        }

        @Override
        public void onMessage(A message) {
            super.onMessage(method.parseResponse(new ByteArrayInputStream(new byte[0])));
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            super.onClose(status.isOk() ? status : Status.UNKNOWN.withDescription("a lie"), trailers);
        }
    }

    @Override
    Channel channel(int node) {
        return ClientInterceptors.intercept(super.channel(node), LIES);
    }
}
