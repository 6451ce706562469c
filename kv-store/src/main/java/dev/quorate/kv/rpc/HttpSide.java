package dev.quorate.kv.rpc;

import dev.quorate.kv.http.Gateway;
import dev.quorate.kv.http.Health;
import dev.quorate.kv.http.HealthPages;
import dev.quorate.kv.http.HttpPort;
import dev.quorate.kv.http.MetricsPage;
import dev.quorate.kv.http.OnePort;
import dev.quorate.kv.http.Page;
import dev.quorate.kv.http.ServerPages;
import dev.quorate.kv.metrics.Metrics;
import dev.quorate.raft.transport.netty.tls.ReloadingTls;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** The same services for those who speak HTTP/1.1: called in process, by the same gRPC library. */
final class HttpSide implements AutoCloseable {

    /** JSON is for administrators and small programs; it must not take the server's cores. */
    private static final int THREADS = 2;

    private final Server services;
    private final ManagedChannel channel;
    private final ExecutorService threads;
    private final HttpPort port;

    private HttpSide(Server services, ManagedChannel channel, ExecutorService threads, HttpPort port) {
        this.services = services;
        this.channel = channel;
        this.threads = threads;
        this.port = port;
    }

    static HttpSide start(List<ServerServiceDefinition> definitions, Health health, Metrics metrics)
            throws IOException {
        String name = InProcessServerBuilder.generateName();
        Server services = InProcessServerBuilder.forName(name)
                .directExecutor()
                .addStreamTracerFactory(metrics.calls())
                .addServices(definitions)
                .build()
                .start();
        // No queue limit of its own: HttpPort bounds what can be under way.
        ExecutorService threads = Executors.newFixedThreadPool(THREADS, new DefaultThreadFactory("kv-gateway", true));
        ManagedChannel channel = InProcessChannelBuilder.forName(name)
                .executor(threads)
                .maxInboundMessageSize(Integer.MAX_VALUE)
                .build();
        Gateway gateway = new Gateway(channel, definitions);
        ServerPages pages = new ServerPages(
                        MaintenanceService.PROTOCOL_VERSION,
                        MaintenanceService.STORAGE_VERSION,
                        new HealthPages(health))
                .add("/metrics", new MetricsPage(metrics));
        HttpPort port = new HttpPort(
                path -> {
                    Page page = gateway.page(path);
                    return page == null ? pages.page(path) : page;
                },
                threads);
        return new HttpSide(services, channel, threads, port);
    }

    OnePort negotiator(@Nullable ReloadingTls tls) {
        return new OnePort(port, tls);
    }

    /** Ends all connections and calls. */
    @Override
    public void close() {
        port.close();
        channel.shutdownNow();
        services.shutdownNow();
        threads.shutdown();
    }
}
