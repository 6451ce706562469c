package dev.quorate.raft.transport.netty;

import com.sun.management.OperatingSystemMXBean;
import dev.quorate.raft.model.Entry;
import dev.quorate.raft.model.Message;
import dev.quorate.raft.model.NodeId;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * How many AppendEntries pass between two transports in one process, and what each costs in CPU: of both sides together,
 * kernel included; then how long a heartbeat takes while megabytes of entries wait. Run with {@code main}; arguments: seconds for each line (default 3), {@code nio} or {@code epoll}.
 */
public final class TransportBenchmark {

    private static final int PAYLOAD_BYTES = 256;
    private static final long BYTES_ON_THE_WAY = 8 << 20;
    private static final int MESSAGES_ON_THE_WAY = 256;

    private TransportBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        int seconds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 3;
        boolean nativeIo = arguments.length < 2 || !arguments[1].equals("nio");
        NodeId fromId = NodeId.of("from");
        NodeId toId = NodeId.of("to");
        Semaphore window = new Semaphore(0);
        Collection<Long> heartbeatNanos = new ConcurrentLinkedQueue<>();
        Recorder counting = new Recorder() {
            @Override
            public void onMessage(Message message) {
                if (message instanceof Message.Heartbeat heartbeat) {
                    heartbeatNanos.add(System.nanoTime() - heartbeat.round());
                } else {
                    window.release();
                }
            }
        };
        NettyTransport to = NettyTransport.create(
                Member.options(toId, Member.CLUSTER, 0).nativeIo(nativeIo).build());
        to.start(counting);
        try (Member from = Member.start(fromId, o -> o.nativeIo(nativeIo));
                Member receiving = new Member(toId, to, counting)) {
            Member.introduce(from, receiving);
            Eventually.until("connected", () -> {
                from.transport().send(List.of(new Message.TimeoutNow(fromId, toId, 1, 0)));
                return window.availablePermits() > 0;
            });
            System.out.printf("entries   sends of   messages/s     MB/s   us of CPU per message   per entry%n");
            for (int entries : new int[] {1, 64, 1_024}) {
                for (int perSend : new int[] {1, 16}) {
                    Message message = append(fromId, toId, entries);
                    run(from, message, entries, perSend, window, 2, false);
                    run(from, message, entries, perSend, window, seconds, true);
                }
            }
            heartbeats(from, toId, window, seconds, heartbeatNanos);
        }
    }

    /** Keeps 32 MiB of entries on the way, and sends a heartbeat with each eighth of a megabyte. */
    private static void heartbeats(Member from, NodeId to, Semaphore window, int seconds, Collection<Long> nanos)
            throws Exception {
        Message bulk = append(from.id(), to, 512);
        int places = 256;
        window.drainPermits();
        window.release(places);
        int sent = 0;
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (System.nanoTime() < end) {
            window.acquire();
            from.transport().send(List.of(bulk, new Message.Heartbeat(from.id(), to, 3, 0, System.nanoTime(), 0)));
            sent++;
        }
        int expected = sent;
        Eventually.until("all heartbeats arrived", () -> nanos.size() == expected);
        List<Long> sorted = nanos.stream().sorted().toList();
        System.out.printf(
                "heartbeats behind 32 MiB of entries: p50 %.2f ms, p99 %.2f ms, longest %.2f ms of %d%n",
                sorted.get(sorted.size() / 2) / 1e6,
                sorted.get(sorted.size() * 99 / 100) / 1e6,
                sorted.get(sorted.size() - 1) / 1e6,
                sorted.size());
    }

    private static Message append(NodeId from, NodeId to, int count) {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            entries.add(Entry.command(1 + i, 3, new byte[PAYLOAD_BYTES]));
        }
        return new Message.AppendEntries(from, to, 3, 0, 0, entries, 0);
    }

    private static void run(
            Member from, Message message, int entries, int perSend, Semaphore window, int seconds, boolean report)
            throws InterruptedException {
        List<Message> batch = new ArrayList<>();
        for (int i = 0; i < perSend; i++) {
            batch.add(message);
        }
        long bytes = (long) entries * PAYLOAD_BYTES;
        int places = (int) Math.max(perSend, Math.min(MESSAGES_ON_THE_WAY, BYTES_ON_THE_WAY / bytes));
        window.drainPermits();
        window.release(places);
        long cpuBefore = cpuNanos();
        long start = System.nanoTime();
        long end = start + TimeUnit.SECONDS.toNanos(seconds);
        long sent = 0;
        while (System.nanoTime() < end) {
            window.acquire(perSend);
            from.transport().send(batch);
            sent += perSend;
        }
        window.acquire(places);
        double elapsed = (System.nanoTime() - start) / 1e9;
        double cpuMicros = (cpuNanos() - cpuBefore) / 1e3;
        if (report) {
            System.out.printf(
                    "%7d   %8d   %10.0f   %6.0f   %21.2f   %9.3f%n",
                    entries,
                    perSend,
                    sent / elapsed,
                    sent * bytes / elapsed / 1e6,
                    cpuMicros / sent,
                    cpuMicros / sent / entries);
        }
    }

    private static long cpuNanos() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }
}
