package dev.quorate.kv.http;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One request to the gateway, from its JSON to the answer's. gRPC calls it on the gateway's threads, one call at a time. */
final class GatewayCall extends ClientCall.Listener<byte[]> {

    private static final Metadata.Key<String> TOKEN = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<String> OUTCOME =
            Metadata.Key.of("quorate-outcome", Metadata.ASCII_STRING_MARSHALLER);
    private static final String BEARER = "bearer ";
    private static final String WATCH = "etcdserverpb.Watch/Watch";

    private final ClientCall<byte[], byte[]> call;
    private final Descriptor requestType;
    private final Descriptor responseType;
    private final boolean isManyRequests;
    private final boolean isManyResponses;
    /** A watch goes on when its requests have ended: a client of HTTP/1.1 sends them all before it reads. */
    private final boolean endsWithClient;

    private final Exchange exchange;
    private @Nullable String document;

    GatewayCall(
            Channel services,
            io.grpc.MethodDescriptor<byte[], byte[]> method,
            MethodDescriptor types,
            Exchange exchange) {
        this.call = services.newCall(method, CallOptions.DEFAULT);
        this.requestType = types.getInputType();
        this.responseType = types.getOutputType();
        this.isManyRequests = types.isClientStreaming();
        this.isManyResponses = types.isServerStreaming();
        this.endsWithClient = method.getFullMethodName().equals(WATCH);
        this.exchange = exchange;
    }

    void start() {
        List<byte[]> messages;
        try {
            byte[] body = exchange.request().body();
            messages = isManyRequests ? Json.messages(requestType, body) : List.of(Json.message(requestType, body));
        } catch (InvalidProtocolBufferException e) {
            exchange.fail(400, String.valueOf(e.getMessage()));
            return;
        }
        call.start(this, metadata());
        exchange.whenGone(() -> call.cancel("the client has gone", null));
        call.request(isManyResponses ? 1 : 2); // of one that should come, two would be noticed
        messages.forEach(call::sendMessage);
        if (!endsWithClient || messages.isEmpty()) {
            call.halfClose();
        }
    }

    private Metadata metadata() {
        Metadata metadata = new Metadata();
        String token = exchange.request().authorization();
        if (token != null) {
            boolean isBearer = token.regionMatches(true, 0, BEARER, 0, BEARER.length());
            metadata.put(TOKEN, isBearer ? token.substring(BEARER.length()).trim() : token);
        }
        return metadata;
    }

    @Override
    public void onMessage(byte[] message) {
        String json;
        try {
            json = Json.document(responseType, message);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("a response of " + responseType.getFullName() + " cannot be read", e);
        }
        if (isManyResponses) {
            // The next one is asked for when this one is taken, so that a slow reader does not fill the memory.
            exchange.line("{\"result\":" + json + "}", () -> call.request(1));
        } else {
            document = json;
        }
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        if (status.isOk() && isManyResponses) {
            exchange.endStream(200, null);
        } else if (status.isOk()) {
            exchange.json(200, document == null ? "{}" : document, null);
        } else {
            fail(status, trailers.get(OUTCOME));
        }
    }

    private void fail(Status status, @Nullable String outcome) {
        String text = status.getDescription() == null ? status.getCode().name() : status.getDescription();
        int code = HttpStatus.of(status.getCode());
        if (isManyResponses) {
            exchange.endStream(code, Json.streamError(status.getCode(), text));
        } else {
            exchange.json(code, Json.error(status.getCode(), text), outcome);
        }
    }
}
