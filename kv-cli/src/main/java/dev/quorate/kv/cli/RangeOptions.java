package dev.quorate.kv.cli;

import com.google.protobuf.ByteString;
import dev.quorate.kv.cli.txn.KeyRange;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which keys a command is about. */
final class RangeOptions {

    @Parameters(index = "0", paramLabel = "KEY", description = "The key, or where the range begins.")
    private String key = "";

    @Parameters(index = "1", arity = "0..1", paramLabel = "END", description = "The first key after the range.")
    private @Nullable String end;

    @Option(names = "--prefix", description = "All keys that begin with KEY; '' for every key.")
    private boolean prefix;

    @Option(names = "--from-key", description = "All keys from KEY on.")
    private boolean fromKey;

    KeyRange range() {
        ByteString until = end == null ? null : ByteString.copyFromUtf8(end);
        return KeyRange.of(ByteString.copyFromUtf8(key), until, prefix, fromKey);
    }
}
