package dev.quorate.kv.cli.txn;

import com.google.protobuf.ByteString;
import dev.quorate.kv.cli.CliException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A piece of a line: a word, a string in double quotes, or one of the signs of a comparison.
 *
 * @param quoted whether it stood in quotes; {@code "--prefix"} in quotes is a key, not an option
 */
record Token(Kind kind, ByteString bytes, boolean quoted) {

    enum Kind {
        WORD,
        SIGN
    }

    private static final String SIGNS = "()=<>!";
    private static final int HEX_DIGITS = 2;

    String text() {
        return bytes.toStringUtf8();
    }

    boolean isSign(String sign) {
        return kind == Kind.SIGN && text().equals(sign);
    }

    /**
     * Splits a line.
     *
     * @param signs whether {@code ( ) = < > !} are signs here, as in a comparison, or letters, as in a request
     * @throws CliException (usage) if a quote is not closed or an escape is unknown
     */
    static List<Token> split(String line, boolean signs) {
        List<Token> tokens = new ArrayList<>();
        int at = 0;
        while (at < line.length()) {
            char c = line.charAt(at);
            if (Character.isWhitespace(c)) {
                at++;
            } else if (c == '"') {
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                at = quoted(line, at + 1, bytes);
                tokens.add(new Token(Kind.WORD, ByteString.copyFrom(bytes.toByteArray()), true));
            } else if (signs && SIGNS.indexOf(c) >= 0) {
                int length = c == '!' && at + 1 < line.length() && line.charAt(at + 1) == '=' ? 2 : 1;
                tokens.add(new Token(Kind.SIGN, ByteString.copyFromUtf8(line.substring(at, at + length)), false));
                at += length;
            } else {
                int end = at;
                while (end < line.length() && !endsWord(line.charAt(end), signs)) {
                    end++;
                }
                tokens.add(new Token(Kind.WORD, ByteString.copyFromUtf8(line.substring(at, end)), false));
                at = end;
            }
        }
        return tokens;
    }

    private static boolean endsWord(char c, boolean signs) {
        return Character.isWhitespace(c) || (signs && (c == '"' || SIGNS.indexOf(c) >= 0));
    }

    /** Reads up to the closing quote; returns the place after it. */
    private static int quoted(String line, int from, ByteArrayOutputStream bytes) {
        int at = from;
        while (at < line.length()) {
            int c = line.codePointAt(at);
            if (c == '"') {
                return at + 1;
            }
            if (c == '\\') {
                at = escape(line, at + 1, bytes);
            } else {
                bytes.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
                at += Character.charCount(c);
            }
        }
        throw CliException.usage("the quote is not closed: " + line);
    }

    private static int escape(String line, int at, ByteArrayOutputStream bytes) {
        char c = at < line.length() ? line.charAt(at) : ' ';
        switch (c) {
            case '"', '\\' -> bytes.write(c);
            case 'n' -> bytes.write('\n');
            case 'r' -> bytes.write('\r');
            case 't' -> bytes.write('\t');
            case 'x' -> {
                int end = at + 1 + HEX_DIGITS;
                int high = end <= line.length() ? Character.digit(line.charAt(at + 1), 16) : -1;
                int low = end <= line.length() ? Character.digit(line.charAt(at + 2), 16) : -1;
                if (high < 0 || low < 0) {
                    throw CliException.usage("\\x takes two hexadecimal digits: " + line);
                }
                bytes.write((high << 4) | low);
                return end;
            }
            default -> throw CliException.usage("in quotes, \\ goes before \" \\ n r t or xNN: " + line);
        }
        return at + 1;
    }
}
