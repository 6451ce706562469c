package dev.quorate.jepsen.history;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads what {@link HistoryWriter} wrote. */
public final class HistoryReader {

    private static final JsonFactory JSON = new JsonFactory();

    private HistoryReader() {}

    /** @throws IOException if the file cannot be read, or a line is not one of ours; it names the line */
    public static History read(Path file) throws IOException {
        List<Operation> operations = new ArrayList<>();
        List<NemesisEvent> nemeses = new ArrayList<>();
        try (BufferedReader in = Files.newBufferedReader(file)) {
            int number = 0;
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                number++;
                try {
                    Map<String, @Nullable Object> fields = parse(line);
                    if ("nemesis".equals(fields.get("type"))) {
                        nemeses.add(nemesis(fields));
                    } else {
                        operations.add(operation(fields));
                    }
                } catch (IOException | RuntimeException e) {
                    throw new IOException(file + ", line " + number + " is not a line of a history: " + line, e);
                }
            }
        }
        return new History(operations, nemeses);
    }

    static Operation operation(Map<String, @Nullable Object> fields) {
        List<Step> steps = new ArrayList<>();
        for (Object step : (List<?>) need(fields, "steps")) {
            steps.add(step(asObject(Objects.requireNonNull(step))));
        }
        return new Operation(
                Math.toIntExact(number(fields, "process")),
                text(fields, "node"),
                number(fields, "invokeNanos"),
                number(fields, "completeNanos"),
                Outcome.valueOf(text(fields, "outcome").toUpperCase(Locale.ROOT)),
                number(fields, "revision"),
                steps,
                (String) fields.get("error"));
    }

    private static Step step(Map<String, @Nullable Object> fields) {
        String key = text(fields, "key");
        Object seenFields = fields.get("seen");
        Seen seen = seenFields == null ? null : seen(asObject(seenFields));
        return switch (text(fields, "f")) {
            case StepName.READ -> new Step.Read(key, seen);
            case StepName.PUT -> new Step.Put(key, text(fields, "value"), seen);
            case StepName.DELETE -> new Step.Delete(key, seen);
            case StepName.CAS ->
                new Step.Cas(
                        key,
                        (String) fields.get("expected"),
                        text(fields, "value"),
                        (Boolean) fields.get("applied"),
                        seen);
            default -> throw new IllegalArgumentException("unknown step " + fields.get("f"));
        };
    }

    private static Seen seen(Map<String, @Nullable Object> fields) {
        return new Seen((String) fields.get("value"), number(fields, "modRevision"));
    }

    private static NemesisEvent nemesis(Map<String, @Nullable Object> fields) {
        List<String> nodes = new ArrayList<>();
        for (Object node : (List<?>) need(fields, "nodes")) {
            nodes.add((String) Objects.requireNonNull(node));
        }
        return new NemesisEvent(
                text(fields, "kind"),
                text(fields, "target"),
                nodes,
                number(fields, "startNanos"),
                number(fields, "endNanos"));
    }

    private static Object need(Map<String, @Nullable Object> fields, String name) {
        Object value = fields.get(name);
        if (value == null) {
            throw new IllegalArgumentException("the field " + name + " is missing");
        }
        return value;
    }

    private static String text(Map<String, @Nullable Object> fields, String name) {
        return (String) need(fields, name);
    }

    private static long number(Map<String, @Nullable Object> fields, String name) {
        return (Long) need(fields, name);
    }

    @SuppressWarnings("unchecked") // made below: the keys are always strings
    private static Map<String, @Nullable Object> asObject(Object value) {
        return (Map<String, @Nullable Object>) value;
    }

    static Map<String, @Nullable Object> parse(String line) throws IOException {
        try (JsonParser json = JSON.createParser(line)) {
            json.nextToken();
            Object value = value(json);
            if (!(value instanceof Map)) {
                throw new IOException("not a JSON object");
            }
            return asObject(value);
        }
    }

    private static @Nullable Object value(JsonParser json) throws IOException {
        JsonToken token = json.currentToken();
        if (token == null) {
            throw new IOException("the line ends early");
        }
        return switch (token) {
            case START_OBJECT -> object(json);
            case START_ARRAY -> array(json);
            case VALUE_STRING -> json.getText();
            case VALUE_NUMBER_INT -> json.getLongValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            default -> throw new IOException("unexpected " + token);
        };
    }

    private static Map<String, @Nullable Object> object(JsonParser json) throws IOException {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            json.nextToken();
            fields.put(name, value(json));
        }
        return fields;
    }

    private static List<@Nullable Object> array(JsonParser json) throws IOException {
        List<@Nullable Object> values = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            values.add(value(json));
        }
        return values;
    }
}
