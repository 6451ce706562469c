package dev.quorate.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.quorate.kv.api.Event;
import dev.quorate.kv.api.WatchCancelRequest;
import dev.quorate.kv.api.WatchCreateRequest;
import dev.quorate.kv.api.WatchGrpc;
import dev.quorate.kv.api.WatchProgressRequest;
import dev.quorate.kv.api.WatchRequest;
import dev.quorate.kv.api.WatchResponse;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A client's stream of watches. */
final class Watching implements AutoCloseable {

    private static final long DEADLINE_SECONDS = 20;

    private final BlockingQueue<Object> heard = new LinkedBlockingQueue<>();
    private final StreamObserver<WatchRequest> requests;

    Watching(WatchGrpc.WatchStub stub) {
        requests = stub.watch(new StreamObserver<>() {
            @Override
            public void onNext(WatchResponse response) {
                heard.add(response);
            }

            @Override
            public void onError(Throwable failure) {
                heard.add(failure);
            }

            @Override
            public void onCompleted() {
                heard.add("the stream has ended");
            }
        });
    }

    void create(WatchCreateRequest.Builder request) {
        requests.onNext(WatchRequest.newBuilder().setCreateRequest(request).build());
    }

    /** Creates a watcher, and answers its id. */
    long created(WatchCreateRequest.Builder request) {
        create(request);
        WatchResponse created = next();
        assertEquals("created", created.getCreated() && !created.getCanceled() ? "created" : created.toString());
        return created.getWatchId();
    }

    void cancel(long id) {
        requests.onNext(WatchRequest.newBuilder()
                .setCancelRequest(WatchCancelRequest.newBuilder().setWatchId(id))
                .build());
    }

    void askForProgress() {
        requests.onNext(WatchRequest.newBuilder()
                .setProgressRequest(WatchProgressRequest.getDefaultInstance())
                .build());
    }

    void halfClose() {
        requests.onCompleted();
    }

    /** What comes next: a response, a failure, or the words that the stream has ended. */
    Object nextThing() {
        try {
            Object thing = heard.poll(DEADLINE_SECONDS, TimeUnit.SECONDS);
            return thing == null ? "nothing came" : thing;
        } catch (InterruptedException e) {
            return fail(e);
        }
    }

    WatchResponse next() {
        Object thing = nextThing();
        return thing instanceof WatchResponse response ? response : fail("instead of a response: " + thing);
    }

    /** The next events, from as many responses as it takes. */
    List<Event> events(int count) {
        List<Event> events = new ArrayList<>();
        while (events.size() < count) {
            WatchResponse response = next();
            if (response.getEventsCount() == 0) {
                fail("instead of " + (count - events.size()) + " more events: " + response);
            }
            events.addAll(response.getEventsList());
        }
        return events;
    }

    @Override
    public void close() {
        try {
            requests.onCompleted();
        } catch (IllegalStateException e) {
            return; // it has ended already
        }
    }
}
