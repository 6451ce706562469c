package dev.quorate.kv.cli.bench;

import io.grpc.Channel;

/** Where a client sends its requests. Called by the event loops. */
interface Route {

    /** For the next request. */
    Channel channel();

    /** The last request failed; the next one may have to go elsewhere. */
    void failed();

    void later(Runnable task, long millis);
}
