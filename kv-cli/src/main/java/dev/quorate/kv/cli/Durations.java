package dev.quorate.kv.cli;

import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Times as people type them: {@code 250ms}, {@code 5s}, {@code 2m}. */
public final class Durations implements ITypeConverter<Duration> {

    private static final long MAX = 24 * 60 * 60 * 1000L;

    @Override
    public Duration convert(String text) {
        try {
            return parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(String.valueOf(e.getMessage()));
        }
    }

    /**
     * @throws IllegalArgumentException with a one-line message, unless it is a whole number from 1 with a unit, up to a day
     */
    public static Duration parse(String text) {
        int digits = 0;
        while (digits < text.length() && text.charAt(digits) >= '0' && text.charAt(digits) <= '9') {
            digits++;
        }
        long unitMillis = switch (text.substring(digits)) {
            case "ms" -> 1;
            case "s" -> 1_000;
            case "m" -> 60_000;
            default -> throw bad(text);
        };
        if (digits == 0 || digits > 9) {
            throw bad(text);
        }
        long millis = Long.parseLong(text.substring(0, digits)) * unitMillis;
        if (millis < 1 || millis > MAX) {
            throw bad(text);
        }
        return Duration.ofMillis(millis);
    }

    private static IllegalArgumentException bad(String text) {
        return new IllegalArgumentException("'" + text + "' is no duration: give 1ms to 1440m, as in 250ms, 5s or 2m");
    }
}
