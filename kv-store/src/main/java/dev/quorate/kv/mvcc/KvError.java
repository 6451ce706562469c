package dev.quorate.kv.mvcc;

import io.grpc.Status;

/**
 * What the server may answer instead of a result. Clients compare the texts, so each is etcd's, byte for byte
 * (etcd: api/v3rpc/rpctypes/error.go).
 */
public enum KvError {
    EMPTY_KEY(Status.Code.INVALID_ARGUMENT, "etcdserver: key is not provided"),
    KEY_NOT_FOUND(Status.Code.INVALID_ARGUMENT, "etcdserver: key not found"),
    VALUE_PROVIDED(Status.Code.INVALID_ARGUMENT, "etcdserver: value is provided"),
    LEASE_PROVIDED(Status.Code.INVALID_ARGUMENT, "etcdserver: lease is provided"),
    TOO_MANY_OPERATIONS(Status.Code.INVALID_ARGUMENT, "etcdserver: too many operations in txn request"),
    DUPLICATE_KEY(Status.Code.INVALID_ARGUMENT, "etcdserver: duplicate key given in txn request"),
    INVALID_SORT_OPTION(Status.Code.INVALID_ARGUMENT, "etcdserver: invalid sort option"),
    REQUEST_TOO_LARGE(Status.Code.INVALID_ARGUMENT, "etcdserver: request is too large"),
    COMPACTED(Status.Code.OUT_OF_RANGE, "etcdserver: mvcc: required revision has been compacted"),
    FUTURE_REVISION(Status.Code.OUT_OF_RANGE, "etcdserver: mvcc: required revision is a future revision"),
    LEASE_NOT_FOUND(Status.Code.NOT_FOUND, "etcdserver: requested lease not found"),
    TOO_MANY_REQUESTS(Status.Code.RESOURCE_EXHAUSTED, "etcdserver: too many requests"),
    NO_LEADER(Status.Code.UNAVAILABLE, "etcdserver: no leader"),
    TIMEOUT(Status.Code.UNAVAILABLE, "etcdserver: request timed out"),
    STOPPED(Status.Code.UNAVAILABLE, "etcdserver: server stopped"),
    /** Not etcd's: its gRPC library has its own words. */
    MALFORMED(Status.Code.INVALID_ARGUMENT, "quorate: the request is no protobuf message of its type"),
    /** Not etcd's: etcd answers until it runs out of memory. */
    RESPONSE_TOO_LARGE(
            Status.Code.RESOURCE_EXHAUSTED, "quorate: the response is too large; ask for less with limit or keys_only");

    private final Status.Code code;
    private final String text;

    KvError(Status.Code code, String text) {
        this.code = code;
        this.text = text;
    }

    public Status.Code code() {
        return code;
    }

    public String text() {
        return text;
    }
}
