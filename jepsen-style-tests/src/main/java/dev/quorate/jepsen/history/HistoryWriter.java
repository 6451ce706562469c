package dev.quorate.jepsen.history;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Appends operations and faults to a file, one JSON object a line, in the order in which they completed. Any thread.
 *
 * <pre>
 * {"type":"op","process":3,"node":"n1","invokeNanos":10,"completeNanos":25,"outcome":"ok","revision":7,
 *  "steps":[{"f":"cas","key":"k1","expected":"4","value":"9","applied":true,"seen":{"value":"4","modRevision":6}}]}
 * {"type":"nemesis","kind":"kill","target":"leader","nodes":["n2"],"startNanos":30,"endNanos":90}
 * </pre>
 *
 * A null {@code expected} or a null {@code value} under {@code seen} is an absent key; a missing {@code seen} or
 * {@code applied} is not known.
 */
public final class HistoryWriter implements Closeable {

    private static final JsonFactory JSON = new JsonFactory();

    private final BufferedWriter out;

    public HistoryWriter(Path file) throws IOException {
        out = Files.newBufferedWriter(file);
    }

    public void append(Operation operation) {
        write(toJson(operation));
    }

    public void append(NemesisEvent event) {
        write(toJson(event));
    }

    private synchronized void write(String line) {
        try {
            out.write(line);
            out.write('\n');
        } catch (IOException e) {
            throw new UncheckedIOException("cannot append to the history; the run is worth nothing without it", e);
        }
    }

    static String toJson(Operation operation) {
        return object(json -> {
            json.writeStringField("type", "op");
            json.writeNumberField("process", operation.process());
            json.writeStringField("node", operation.node());
            json.writeNumberField("invokeNanos", operation.invokeNanos());
            json.writeNumberField("completeNanos", operation.completeNanos());
            json.writeStringField("outcome", operation.outcome().name().toLowerCase(Locale.ROOT));
            json.writeNumberField("revision", operation.revision());
            json.writeArrayFieldStart("steps");
            for (Step step : operation.steps()) {
                writeStep(json, step);
            }
            json.writeEndArray();
            if (operation.error() != null) {
                json.writeStringField("error", operation.error());
            }
        });
    }

    static String toJson(NemesisEvent event) {
        return object(json -> {
            json.writeStringField("type", "nemesis");
            json.writeStringField("kind", event.kind());
            json.writeStringField("target", event.target());
            json.writeArrayFieldStart("nodes");
            for (String node : event.nodes()) {
                json.writeString(node);
            }
            json.writeEndArray();
            json.writeNumberField("startNanos", event.startNanos());
            json.writeNumberField("endNanos", event.endNanos());
        });
    }

    private static void writeStep(JsonGenerator json, Step step) throws IOException {
        json.writeStartObject();
        json.writeStringField("f", StepName.of(step));
        json.writeStringField("key", step.key());
        if (step instanceof Step.Put put) {
            json.writeStringField("value", put.value());
        } else if (step instanceof Step.Cas cas) {
            json.writeStringField("expected", cas.expected());
            json.writeStringField("value", cas.value());
            if (cas.applied() != null) {
                json.writeBooleanField("applied", cas.applied());
            }
        }
        Seen seen = step.seen();
        if (seen != null) {
            json.writeObjectFieldStart("seen");
            json.writeStringField("value", seen.value());
            json.writeNumberField("modRevision", seen.modRevision());
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    private interface Fields {
        void writeTo(JsonGenerator json) throws IOException;
    }

    private static String object(Fields fields) {
        StringWriter line = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(line)) {
            json.writeStartObject();
            fields.writeTo(json);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a string writer does not fail", e);
        }
        return line.toString();
    }

    @Override
    public synchronized void close() throws IOException {
        out.close();
    }
}
