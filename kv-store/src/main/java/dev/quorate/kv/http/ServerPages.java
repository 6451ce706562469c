package dev.quorate.kv.http;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The pages that are not the gateway's: version, health, metrics. GET only. */
public final class ServerPages {

    private static final String JSON = "application/json";

    private final Map<String, Page> pages = new HashMap<>();
    private final HealthPages health;

    /**
     * @param version which etcd this server behaves like: {@code major.minor.patch}
     * @param storageVersion the same, of what is on disk
     */
    public ServerPages(String version, String storageVersion, HealthPages health) {
        this.health = health;
        String cluster = version.substring(0, version.lastIndexOf('.')) + ".0";
        String document = "{\"etcdserver\":\"" + version + "\",\"etcdcluster\":\"" + cluster + "\",\"storage\":\""
                + storageVersion + "\"}";
        add("/version", exchange -> exchange.reply(200, JSON, document, null));
        add("/health", health::health);
    }

    /** Adds a page that only GET may ask for. */
    public ServerPages add(String path, Page page) {
        pages.put(path, onlyGet(page));
        return this;
    }

    private static Page onlyGet(Page page) {
        return exchange -> {
            if (exchange.request().method().equals("GET")) {
                page.serve(exchange);
            } else {
                exchange.fail(405, "Method Not Allowed: " + exchange.request().path() + " takes GET");
            }
        };
    }

    /** What answers a path; null if it is none of these. */
    public @Nullable Page page(String path) {
        Page page = pages.get(path);
        if (page != null) {
            return page;
        }
        Page probe = health.probe(path);
        return probe == null ? null : onlyGet(probe);
    }
}
