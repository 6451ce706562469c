package dev.quorate.kv.cli.output;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Where answers go: standard output in UTF-8 whatever the locale, and values as the bytes that they are.
 */
public final class Terminal {

    private final PrintStream out;

    public Terminal(PrintStream out) {
        this.out = out;
    }

    public static Terminal standard() {
        return new Terminal(System.out);
    }

    public void line(String text) {
        bytes(text.getBytes(StandardCharsets.UTF_8));
        newline();
    }

    public void raw(ByteString value) {
        try {
            value.writeTo((OutputStream) out);
        } catch (IOException e) {
            // A PrintStream keeps its errors; a reader that went away ends the process by SIGPIPE or below.
            throw new java.io.UncheckedIOException(e);
        }
    }

    public void raw(String text) {
        bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    public void newline() {
        out.write('\n');
    }

    /** Rows under a head, in columns as wide as their widest cell. */
    public void table(java.util.List<String> head, java.util.List<java.util.List<String>> rows) {
        int[] widths = new int[head.size()];
        for (int column = 0; column < widths.length; column++) {
            widths[column] = head.get(column).length();
            for (java.util.List<String> row : rows) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        row(head, widths);
        rows.forEach(row -> row(row, widths));
    }

    private void row(java.util.List<String> cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < widths.length; column++) {
            line.append(cells.get(column));
            if (column + 1 < widths.length) {
                line.append(" ".repeat(widths[column] - cells.get(column).length() + 2));
            }
        }
        line(line.toString());
    }

    private void bytes(byte[] bytes) {
        out.write(bytes, 0, bytes.length);
    }
}
