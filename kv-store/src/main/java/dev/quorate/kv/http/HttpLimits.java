package dev.quorate.kv.http;

/** What a client that speaks HTTP/1.1 may take of this server. */
final class HttpLimits {

    private HttpLimits() {}

    /** The first line of a request. No path of ours is near it. */
    static final int LINE_BYTES = 4 << 10;

    /** All headers of a request together, as gRPC has it. */
    static final int HEADER_BYTES = 8 << 10;

    /** A body. The largest request has 1.5 MiB, and bytes become a third longer in base64. */
    static final int BODY_BYTES = 3 << 20;

    /** The bodies of all requests together that are on their way in or not yet read; more are answered with 503. */
    static final long ALL_BODIES_BYTES = 64L << 20;

    /** Requests that are being served at a time, streams included; more are answered with 429. */
    static final int EXCHANGES = 4_096;

    /** How long a connection may be there without a request, or with one whose headers do not end. */
    static final int IDLE_SECONDS = 120;

    /** How long a body may take after its headers. */
    static final int BODY_SECONDS = 30;

    /** How long a client may take nothing of what was written for it. */
    static final int WRITE_SECONDS = 30;
}
