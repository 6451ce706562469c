/**
 * What the client port says beside gRPC: HTTP/1.1 with etcd's JSON gateway, health, version and metrics.
 *
 * <pre>
 *   first bytes ─┬─ "PRI" ──▶ gRPC on HTTP/2
 *                └─ other ──▶ {@link dev.quorate.kv.http.HttpConnection} ──▶ {@link dev.quorate.kv.http.Page}
 *                                                                   └──▶ {@link dev.quorate.kv.http.Gateway} ──▶ the same gRPC services, in process
 * </pre>
 *
 * <p>Event loops only take requests apart and write answers; JSON is read and written on threads of the gateway's own, so that a
 * large document does not hold up gRPC calls.
 */
@NullMarked
package dev.quorate.kv.http;

import org.jspecify.annotations.NullMarked;
