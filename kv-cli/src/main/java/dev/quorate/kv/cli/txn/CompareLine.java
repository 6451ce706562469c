package dev.quorate.kv.cli.txn;

import dev.quorate.kv.api.Compare;
import dev.quorate.kv.cli.CliException;
import java.util.List;

/** {@code mod("key") > "0"}: what of the key, which key, how, with what. */
final class CompareLine {

    /** {@code what ( key ) sign value}. */
    private static final int TOKENS = 6;

    private CompareLine() {}

    static Compare parse(String line) {
        List<Token> tokens = Token.split(line, true);
        if (tokens.size() != TOKENS
                || !tokens.get(1).isSign("(")
                || !tokens.get(3).isSign(")")) {
            throw CliException.usage(
                    "not a comparison, as in mod(\"key\") > \"0\" or value(\"key\") = \"text\": " + line);
        }
        Compare.Builder compare =
                Compare.newBuilder().setKey(tokens.get(2).bytes()).setResult(result(tokens.get(4), line));
        Token operand = tokens.get(5);
        switch (tokens.get(0).text()) {
            case "value", "val" ->
                compare.setTarget(Compare.CompareTarget.VALUE).setValue(operand.bytes());
            case "version", "ver" ->
                compare.setTarget(Compare.CompareTarget.VERSION).setVersion(number(operand, line));
            case "create", "c" ->
                compare.setTarget(Compare.CompareTarget.CREATE).setCreateRevision(number(operand, line));
            case "mod", "m" -> compare.setTarget(Compare.CompareTarget.MOD).setModRevision(number(operand, line));
            case "lease" -> compare.setTarget(Compare.CompareTarget.LEASE).setLease(number(operand, line));
            default -> throw CliException.usage("compare one of value, version, create, mod, lease: " + line);
        }
        return compare.build();
    }

    private static Compare.CompareResult result(Token sign, String line) {
        return switch (sign.kind() == Token.Kind.SIGN ? sign.text() : "") {
            case "=" -> Compare.CompareResult.EQUAL;
            case "!=" -> Compare.CompareResult.NOT_EQUAL;
            case ">" -> Compare.CompareResult.GREATER;
            case "<" -> Compare.CompareResult.LESS;
            default -> throw CliException.usage("compare with one of = != < >: " + line);
        };
    }

    private static long number(Token operand, String line) {
        try {
            return Long.parseLong(operand.text());
        } catch (NumberFormatException e) {
            throw CliException.usage("'" + operand.text() + "' is not a number: " + line);
        }
    }
}
