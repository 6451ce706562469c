package dev.quorate.jepsen.watch;

import com.google.protobuf.ByteString;
import dev.quorate.jepsen.client.NodeClient;
import dev.quorate.jepsen.client.RunClock;
import dev.quorate.kv.api.WatchCreateRequest;
import dev.quorate.kv.api.WatchRequest;
import dev.quorate.kv.api.WatchResponse;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Follows all keys of a run. Where a node ends a stream, or says nothing for long, it goes on at the next node from the revision after
 * the last that it has seen.
 */
public final class Watcher implements Runnable {

    /** Every key that clients of a run write begins with it. */
    public static final String PREFIX = "chaos";

    /** Under load there is always something to hear; a node that is silent for so long is paused, or cut off. */
    private static final long PATIENCE_MILLIS = 2_000;

    private static final Object ENDED = new Object();

    private final String name;
    private final List<NodeClient> nodes;
    private final RunClock clock;
    private final List<Sighting> sightings = new ArrayList<>(); // guarded by this, as the three below
    private final List<String> complaints = new ArrayList<>();
    private long nextRevision;
    private int responses;
    private volatile boolean stopped;

    /**
     * @param nodes asked in this order, again and again
     * @param fromRevision the first revision that is to be seen; 0 for the first that comes
     */
    public Watcher(String name, List<NodeClient> nodes, long fromRevision, RunClock clock) {
        this.name = name;
        this.nodes = List.copyOf(nodes);
        this.nextRevision = fromRevision;
        this.clock = clock;
    }

    public String name() {
        return name;
    }

    @Override
    public void run() {
        try {
            for (int i = 0; !stopped; i++) {
                follow(nodes.get(i % nodes.size()));
                TimeUnit.MILLISECONDS.sleep(50); // a connection that is refused is refused in no time
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void follow(NodeClient node) throws InterruptedException {
        BlockingQueue<Object> heard = new LinkedBlockingQueue<>();
        StreamObserver<WatchRequest> requests = node.watch(new StreamObserver<>() {
            @Override
            public void onNext(WatchResponse response) {
                heard.add(response);
            }

            @Override
            public void onError(Throwable failure) {
                heard.add(ENDED);
            }

            @Override
            public void onCompleted() {
                heard.add(ENDED);
            }
        });
        try {
            requests.onNext(WatchRequest.newBuilder().setCreateRequest(create()).build());
            while (!stopped && heard.poll(PATIENCE_MILLIS, TimeUnit.MILLISECONDS) instanceof WatchResponse response) {
                if (!take(response, node.node().name())) {
                    return;
                }
            }
        } finally {
            requests.onError(new InterruptedException("goes to another node"));
        }
    }

    private synchronized WatchCreateRequest create() {
        String end = PREFIX.substring(0, PREFIX.length() - 1) + (char) (PREFIX.charAt(PREFIX.length() - 1) + 1);
        return WatchCreateRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(PREFIX))
                .setRangeEnd(ByteString.copyFromUtf8(end))
                .setStartRevision(nextRevision)
                .setPrevKv(true)
                .build();
    }

    /** False if this stream is over. */
    private synchronized boolean take(WatchResponse response, String node) {
        if (response.getCanceled()) {
            complaints.add(name + ": " + node + " canceled the watch from revision " + nextRevision + ": "
                    + response.getCancelReason());
            return false;
        }
        if (response.getCreated() && nextRevision == 0) {
            nextRevision = response.getHeader().getRevision() + 1; // also if this stream ends before its first event
        }
        long now = clock.nowNanos();
        int number = responses++;
        response.getEventsList().forEach(event -> sightings.add(new Sighting(Change.of(event), now, node, number)));
        if (!sightings.isEmpty()) {
            nextRevision = Math.max(
                    nextRevision, sightings.get(sightings.size() - 1).change().revision() + 1);
        }
        return true;
    }

    /** Whether it has seen everything up to this revision, which is that of a change. */
    public synchronized boolean hasSeen(long revision) {
        return nextRevision > revision;
    }

    /** What it has seen so far. */
    public synchronized List<Sighting> sightings() {
        return List.copyOf(sightings);
    }

    /** What went wrong on the way; watches may end, but not be refused. */
    public synchronized List<String> complaints() {
        return List.copyOf(complaints);
    }

    /** The last revision that it saw; 0 for none. */
    public synchronized long lastRevision() {
        return sightings.isEmpty()
                ? 0
                : sightings.get(sightings.size() - 1).change().revision();
    }

    /** The first revision that it saw, from which on it must have seen everything; null if it saw nothing. */
    public synchronized @Nullable Long firstRevision() {
        return sightings.isEmpty() ? null : sightings.get(0).change().revision();
    }

    public void stop() {
        stopped = true;
    }
}
