package dev.quorate.kv.cli.client;

import dev.quorate.kv.api.WatchCreateRequest;
import dev.quorate.kv.api.WatchGrpc;
import dev.quorate.kv.api.WatchRequest;
import dev.quorate.kv.api.WatchResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/** One watch at one server. What it says is taken one by one, so that a slow reader holds the server back and not this memory. */
final class WatchStream extends ClientCall.Listener<WatchResponse> {

    /** What is taken from the network before it is read. */
    private static final int AHEAD = 16;

    /** A response, or the status that the stream has ended with. */
    private final BlockingQueue<Object> heard = new LinkedBlockingQueue<>(); // AHEAD and the end, at the most

    private final ClientCall<WatchRequest, WatchResponse> call;

    WatchStream(Channel channel, @Nullable String token, WatchCreateRequest request) {
        call = channel.newCall(WatchGrpc.getWatchMethod(), CallOptions.DEFAULT);
        Metadata headers = UnaryCall.headers(token);
        headers.put(Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER), "true");
        call.start(this, headers);
        call.request(AHEAD);
        call.sendMessage(WatchRequest.newBuilder().setCreateRequest(request).build());
    }

    /** Waits for what comes next: a response, or the {@link Status} that the stream has ended with. */
    Object next() throws InterruptedException {
        Object next = heard.take();
        if (next instanceof WatchResponse) {
            call.request(1);
        }
        return next;
    }

    void close() {
        call.cancel("nobody listens any more", null);
    }

    @Override
    public void onMessage(WatchResponse response) {
        heard.add(response);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        heard.add(status);
    }
}
