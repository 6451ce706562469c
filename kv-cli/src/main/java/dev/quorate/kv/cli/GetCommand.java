package dev.quorate.kv.cli;

import dev.quorate.kv.api.KeyValue;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.RangeResponse;
import dev.quorate.kv.cli.client.KvClient;
import dev.quorate.kv.cli.output.JsonWriter;
import dev.quorate.kv.cli.output.Terminal;
import dev.quorate.kv.cli.txn.KeyRange;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "get",
        header = "Read a key, or a range of keys.",
        description = {
            "One key: its value and a newline; exit code 1 if it does not exist.",
            "A range: a line 'key<TAB>value' for each key. For bytes as they are, use --no-newline or --output json."
        },
        footer = {
            "",
            "Examples:",
            "  kv get greeting",
            "  kv get --prefix users/ --limit 10 --output json",
            "  kv get --max-staleness 500ms greeting",
            "  kv get --no-newline picture > picture.png"
        })
final class GetCommand extends ClientCommand {

    enum Order {
        asc,
        desc
    }

    enum SortBy {
        key,
        version,
        create,
        mod,
        value
    }

    @Mixin
    private final RangeOptions keys = new RangeOptions();

    @Option(names = "--limit", paramLabel = "N", description = "At most N keys; 0 for all.")
    private long limit;

    @Option(names = "--rev", paramLabel = "REVISION", description = "As of this revision; 0 for now.")
    private long revision;

    @Option(names = "--keys-only", description = "Without the values.")
    private boolean keysOnly;

    @Option(names = "--count-only", description = "Only how many keys there are.")
    private boolean countOnly;

    @Mixin
    private final ConsistencyOptions reads = new ConsistencyOptions();

    @Option(names = "--sort-by", paramLabel = "WHAT", description = "key, version, create, mod or value.")
    private @Nullable SortBy sortBy;

    @Option(names = "--order", paramLabel = "asc|desc", description = "Default: asc.")
    private @Nullable Order order;

    @Option(
            names = {"-n", "--no-newline"},
            description = "One key: the bytes of its value and nothing else.")
    private boolean noNewline;

    @Override
    ExitCode run(KvClient client, Terminal terminal) {
        RangeRequest request = request();
        RangeResponse response = client.range(request, reads.header());
        boolean single = request.getRangeEnd().isEmpty();
        if (output.json()) {
            terminal.line(json(response));
        } else if (countOnly) {
            terminal.line(Long.toString(response.getCount()));
        } else {
            response.getKvsList().forEach(kv -> print(terminal, kv, single));
        }
        if (!single || response.getCount() > 0) {
            return ExitCode.OK;
        }
        if (!output.json() && !countOnly) {
            System.err.println("kv get: no such key: " + request.getKey().toStringUtf8());
        }
        return ExitCode.NOT_FOUND;
    }

    private RangeRequest request() {
        if (limit < 0 || revision < 0) {
            throw CliException.usage("--limit and --rev take a number from 0 up");
        }
        KeyRange range = keys.range();
        RangeRequest.Builder request = RangeRequest.newBuilder()
                .setKey(range.key())
                .setRangeEnd(range.end())
                .setLimit(limit)
                .setRevision(revision)
                .setKeysOnly(keysOnly)
                .setCountOnly(countOnly)
                .setSerializable(reads.serializable());
        if (sortBy != null) {
            request.setSortTarget(RangeRequest.SortTarget.valueOf(sortBy.name().toUpperCase(Locale.ROOT)));
        }
        if (sortBy != null || order != null) {
            request.setSortOrder(order == Order.desc ? RangeRequest.SortOrder.DESCEND : RangeRequest.SortOrder.ASCEND);
        }
        return request.build();
    }

    private void print(Terminal terminal, KeyValue kv, boolean single) {
        if (keysOnly) {
            terminal.raw(kv.getKey());
            terminal.newline();
            return;
        }
        if (!single) {
            terminal.raw(kv.getKey());
            terminal.raw("\t");
        }
        terminal.raw(kv.getValue());
        if (!single || !noNewline) {
            terminal.newline();
        }
    }

    private static String json(RangeResponse response) {
        return JsonWriter.object(json -> {
            KeyValues.header(json, response.getHeader());
            json.arrayField("kvs", response.getKvsList(), KeyValues::members)
                    .field("more", response.getMore())
                    .field("count", response.getCount());
        });
    }
}
