package dev.quorate.kv.http;

/** Answers the requests for one path. It runs on a thread of the gateway, and must not wait there. */
@FunctionalInterface
public interface Page {
    /** Answers now or later, once, from any thread. */
    void serve(Exchange exchange);
}
