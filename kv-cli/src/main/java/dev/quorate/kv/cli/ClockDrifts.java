package dev.quorate.kv.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Bounds of clocks as people type them: {@code 0.01} or {@code 1%}. */
public final class ClockDrifts implements ITypeConverter<Double> {

    private static final double MAX = 10;

    @Override
    public Double convert(String text) {
        try {
            return parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(String.valueOf(e.getMessage()));
        }
    }

    /** @throws IllegalArgumentException with a one-line message, unless it is a fraction from 0 to 10, or the percentage of one */
    public static double parse(String text) {
        boolean isPercent = text.endsWith("%");
        try {
            double number = Double.parseDouble(isPercent ? text.substring(0, text.length() - 1) : text);
            double drift = isPercent ? number / 100 : number;
            if (drift >= 0 && drift <= MAX) {
                return drift;
            }
        } catch (NumberFormatException e) {
            // Told below, as any other value that is none.
        }
        throw new IllegalArgumentException("'" + text
                + "' is no bound of clocks: give a fraction from 0 to 10, such as 0.01, or a percentage, such as 1%");
    }
}
