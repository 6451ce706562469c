package dev.quorate.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.DeleteRangeRequest;
import dev.quorate.kv.api.KeyValue;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.PutResponse;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.RangeResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.function.Executable;

/** What all classes of checks have. */
abstract class Checks {

    private static final AtomicLong PREFIXES = new AtomicLong();

    private final Server server;
    private final String prefix;
    private @Nullable Cluster cluster;

    Checks(Server server) {
        this.server = server;
        this.prefix = getClass().getSimpleName() + "/" + PREFIXES.incrementAndGet() + "/";
    }

    final Server server() {
        return server;
    }

    final void use(Cluster shared) {
        cluster = shared;
    }

    final Cluster cluster() {
        Cluster current = cluster;
        if (current == null) {
            throw new IllegalStateException("no cluster yet; is the class annotated with @ConformanceChecks?");
        }
        return current;
    }

    /** A key that no other check uses. */
    final ByteString key(String name) {
        return bytes(prefix + name);
    }

    /** The end of the range of all keys of {@link #key} that begin like this one. */
    static ByteString end(ByteString from) {
        byte[] end = from.toByteArray();
        end[end.length - 1]++;
        return ByteString.copyFrom(end);
    }

    static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }

    final PutResponse put(ByteString key, String value) {
        PutResponse response = cluster()
                .kv()
                .put(PutRequest.newBuilder().setKey(key).setValue(bytes(value)).build());
        assertTrue(response.getHeader().getRevision() > 1, "the first write of a new store has revision 2");
        return response;
    }

    final RangeResponse get(ByteString key) {
        return cluster().kv().range(RangeRequest.newBuilder().setKey(key).build());
    }

    /** What the server answers to a range of all keys of this check that begin with {@code name}. */
    final RangeRequest.Builder all(String name) {
        return RangeRequest.newBuilder().setKey(key(name)).setRangeEnd(end(key(name)));
    }

    final void delete(ByteString key) {
        cluster().kv().deleteRange(DeleteRangeRequest.newBuilder().setKey(key).build());
    }

    static List<String> values(List<KeyValue> pairs) {
        return pairs.stream().map(pair -> pair.getValue().toStringUtf8()).toList();
    }

    /** The call fails with this code and exactly this text. */
    static void assertRefused(Status.Code code, String text, Executable call) {
        Status status = assertThrows(StatusRuntimeException.class, call).getStatus();
        assertEquals(code + ": " + text, status.getCode() + ": " + status.getDescription());
    }
}
