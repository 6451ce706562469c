package dev.quorate.kv.cli;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.Event;
import dev.quorate.kv.api.WatchCreateRequest;
import dev.quorate.kv.api.WatchCreateRequest.FilterType;
import dev.quorate.kv.api.WatchResponse;
import dev.quorate.kv.cli.client.KvClient;
import dev.quorate.kv.cli.output.JsonWriter;
import dev.quorate.kv.cli.output.Terminal;
import dev.quorate.kv.cli.txn.KeyRange;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "watch",
        header = "Print changes of keys as they happen, until Ctrl-C.",
        description =
                "Each change is printed once, in the order of the revisions. When a server goes away another one goes on.",
        footer = {"", "Examples:", "  kv watch greeting", "  kv watch --prefix users/ --rev 100 --output json"})
final class WatchCommand extends ClientCommand {

    @Parameters(index = "0", paramLabel = "KEY", description = "The key, or the first of a range.")
    private String key = "";

    @Parameters(index = "1", arity = "0..1", paramLabel = "END", description = "The first key after the range.")
    private @Nullable String end;

    @Option(names = "--prefix", description = "All keys that begin with KEY.")
    private boolean isPrefix;

    @Option(names = "--from-key", description = "All keys from KEY on.")
    private boolean isFrom;

    @Option(names = "--rev", paramLabel = "REVISION", description = "Begin with this revision. Default: from now on.")
    private long revision;

    @Option(names = "--prev-kv", description = "Also print the value before.")
    private boolean previous;

    @Option(names = "--only", paramLabel = "KIND", description = "Only one kind of change: ${COMPLETION-CANDIDATES}.")
    private @Nullable Only only;

    @Option(names = "--count", paramLabel = "N", description = "End after N changes.")
    private long count = Long.MAX_VALUE;

    /** As a person types it. */
    enum Only {
        put,
        delete
    }

    @Override
    ExitCode run(KvClient client, Terminal terminal) throws InterruptedException {
        if (count < 1) {
            throw CliException.usage("--count " + count + ": give a number of changes from 1 up");
        }
        if (revision < 0) {
            throw CliException.usage("--rev " + revision + ": give a revision from 1 up, or leave it out");
        }
        KeyRange range = KeyRange.of(
                ByteString.copyFromUtf8(key), end == null ? null : ByteString.copyFromUtf8(end), isPrefix, isFrom);
        WatchCreateRequest.Builder request = WatchCreateRequest.newBuilder()
                .setKey(range.key())
                .setRangeEnd(range.end())
                .setStartRevision(revision)
                .setPrevKv(previous);
        if (only != null) {
            request.addFilters(only == Only.put ? FilterType.NODELETE : FilterType.NOPUT);
        }
        Main.stopOnSignal(() -> {});
        client.watch(request.build(), response -> show(response, terminal));
        return ExitCode.OK;
    }

    /** False when it is enough. */
    private boolean show(WatchResponse response, Terminal terminal) {
        for (Event event : response.getEventsList()) {
            if (output.json()) {
                terminal.line(json(event));
            } else {
                print(event, terminal);
            }
            if (--count == 0) {
                System.out.flush();
                return false;
            }
        }
        System.out.flush(); // whoever waits for a change has nothing of one that stays in a buffer
        return true;
    }

    private void print(Event event, Terminal terminal) {
        terminal.raw(event.getType() + "\t");
        terminal.raw(event.getKv().getKey());
        if (event.getType() == Event.EventType.PUT) {
            terminal.raw("\t");
            terminal.raw(event.getKv().getValue());
        }
        if (event.hasPrevKv()) {
            terminal.raw("\t(before: ");
            terminal.raw(event.getPrevKv().getValue());
            terminal.raw(")");
        }
        terminal.newline();
    }

    private static String json(Event event) {
        return JsonWriter.object(json -> {
            json.field("type", event.getType().name().toLowerCase(Locale.ROOT));
            json.objectField("kv", pair -> KeyValues.members(pair, event.getKv()));
            if (event.hasPrevKv()) {
                json.objectField("prevKv", pair -> KeyValues.members(pair, event.getPrevKv()));
            }
        });
    }
}
