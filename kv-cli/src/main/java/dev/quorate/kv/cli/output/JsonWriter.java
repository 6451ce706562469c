package dev.quorate.kv.cli.output;

import com.google.protobuf.ByteString;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Writes one JSON value on one line. Names and nesting are the caller's; commas and quotes are not. */
public final class JsonWriter {

    private final StringBuilder out = new StringBuilder();
    private boolean first = true;

    /** Writes an object with the members that {@code members} adds. */
    public static String object(Consumer<JsonWriter> members) {
        JsonWriter json = new JsonWriter();
        json.nested('{', members, '}');
        return json.out.toString();
    }

    public JsonWriter field(String name, @Nullable String value) {
        name(name);
        string(value);
        return this;
    }

    public JsonWriter field(String name, long value) {
        name(name);
        out.append(value);
        return this;
    }

    public JsonWriter field(String name, boolean value) {
        name(name);
        out.append(value);
        return this;
    }

    /** A number with {@code decimals} digits after the point; null for what is not a number. */
    public JsonWriter field(String name, double value, int decimals) {
        name(name);
        if (Double.isFinite(value)) {
            out.append(String.format(java.util.Locale.ROOT, "%." + decimals + "f", value));
        } else {
            out.append("null");
        }
        return this;
    }

    public JsonWriter nullField(String name) {
        name(name);
        out.append("null");
        return this;
    }

    /** Bytes that are UTF-8 text become {@code "name":"text"}; others become {@code "nameBase64":"…"}. */
    public JsonWriter field(String name, ByteString value) {
        if (value.isValidUtf8()) {
            return field(name, value.toStringUtf8());
        }
        return field(name + "Base64", java.util.Base64.getEncoder().encodeToString(value.toByteArray()));
    }

    /** A 64-bit id, as etcd's tools print it. It is no JSON number: readers with doubles would round it. */
    public JsonWriter idField(String name, long id) {
        return field(name, Long.toHexString(id));
    }

    public JsonWriter objectField(String name, Consumer<JsonWriter> members) {
        name(name);
        nested('{', members, '}');
        return this;
    }

    /** An array of objects, one for each item. */
    public <T> JsonWriter arrayField(
            String name, Iterable<T> items, java.util.function.BiConsumer<JsonWriter, T> members) {
        name(name);
        nested(
                '[',
                array -> {
                    for (T item : items) {
                        array.comma();
                        array.nested('{', object -> members.accept(object, item), '}');
                    }
                },
                ']');
        return this;
    }

    public JsonWriter stringsField(String name, Iterable<String> items) {
        name(name);
        nested(
                '[',
                array -> {
                    for (String item : items) {
                        array.comma();
                        array.string(item);
                    }
                },
                ']');
        return this;
    }

    private void nested(char open, Consumer<JsonWriter> content, char close) {
        out.append(open);
        first = true;
        content.accept(this);
        out.append(close);
        first = false;
    }

    private void name(String name) {
        comma();
        string(name);
        out.append(':');
    }

    private void comma() {
        if (!first) {
            out.append(',');
        }
        first = false;
    }

    private void string(@Nullable String value) {
        if (value == null) {
            out.append("null");
            return;
        }
        out.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < ' ' || c == 0x7f || (Character.isSurrogate(c) && !isPaired(value, i))) {
                        out.append("\\u");
                        for (int shift = 12; shift >= 0; shift -= 4) {
                            out.append(Character.forDigit((c >> shift) & 0xf, 16));
                        }
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }

    private static boolean isPaired(String text, int at) {
        return Character.isHighSurrogate(text.charAt(at))
                ? at + 1 < text.length() && Character.isLowSurrogate(text.charAt(at + 1))
                : at > 0 && Character.isHighSurrogate(text.charAt(at - 1));
    }
}
