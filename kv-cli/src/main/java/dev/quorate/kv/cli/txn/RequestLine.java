package dev.quorate.kv.cli.txn;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.DeleteRangeRequest;
import dev.quorate.kv.api.PutRequest;
import dev.quorate.kv.api.RangeRequest;
import dev.quorate.kv.api.RequestOp;
import dev.quorate.kv.cli.CliException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** {@code put KEY VALUE}, {@code get KEY [END]}, {@code del KEY [END]}, the last two with {@code --prefix} and the like. */
final class RequestLine {

    private static final String PREFIX = "--prefix";
    private static final String FROM_KEY = "--from-key";
    private static final Set<String> OF_GET = Set.of(PREFIX, FROM_KEY, "--keys-only", "--count-only");
    private static final Set<String> OF_DEL = Set.of(PREFIX, FROM_KEY, "--prev-kv");
    private static final Set<String> OF_PUT = Set.of("--prev-kv");

    private final String line;
    private final List<ByteString> operands = new ArrayList<>();
    private final Set<String> options = new HashSet<>();

    private RequestLine(String line, List<Token> words, Set<String> known) {
        this.line = line;
        for (Token word : words) {
            if (!word.quoted() && word.text().startsWith("--")) {
                if (!known.contains(word.text())) {
                    throw CliException.usage("unknown option " + word.text() + ": " + line);
                }
                options.add(word.text());
            } else {
                operands.add(word.bytes());
            }
        }
    }

    static RequestOp parse(String line) {
        List<Token> tokens = Token.split(line, false);
        List<Token> rest = tokens.subList(1, tokens.size());
        return switch (tokens.get(0).text()) {
            case "get" -> new RequestLine(line, rest, OF_GET).get();
            case "put" -> new RequestLine(line, rest, OF_PUT).put();
            case "del" -> new RequestLine(line, rest, OF_DEL).del();
            default -> throw CliException.usage("a request begins with get, put or del: " + line);
        };
    }

    private RequestOp get() {
        KeyRange range = range();
        return RequestOp.newBuilder()
                .setRequestRange(RangeRequest.newBuilder()
                        .setKey(range.key())
                        .setRangeEnd(range.end())
                        .setKeysOnly(options.contains("--keys-only"))
                        .setCountOnly(options.contains("--count-only")))
                .build();
    }

    private RequestOp put() {
        requireOperands(2, 2, "put KEY VALUE");
        return RequestOp.newBuilder()
                .setRequestPut(PutRequest.newBuilder()
                        .setKey(operands.get(0))
                        .setValue(operands.get(1))
                        .setPrevKv(options.contains("--prev-kv")))
                .build();
    }

    private RequestOp del() {
        KeyRange range = range();
        return RequestOp.newBuilder()
                .setRequestDeleteRange(DeleteRangeRequest.newBuilder()
                        .setKey(range.key())
                        .setRangeEnd(range.end())
                        .setPrevKv(options.contains("--prev-kv")))
                .build();
    }

    private KeyRange range() {
        requireOperands(1, 2, "KEY [END]");
        ByteString end = operands.size() == 2 ? operands.get(1) : null;
        return KeyRange.of(operands.get(0), end, options.contains(PREFIX), options.contains(FROM_KEY));
    }

    private void requireOperands(int least, int most, String form) {
        if (operands.size() < least || operands.size() > most) {
            throw CliException.usage("expected " + form + " (quote what has blanks in it): " + line);
        }
    }
}
