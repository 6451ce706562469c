package dev.quorate.kv.cli.txn;

import dev.quorate.kv.api.TxnRequest;
import dev.quorate.kv.cli.CliException;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * Reads a transaction in the three sections of etcdctl: comparisons, requests if all of them hold, requests if not. An empty
 * line, or the end of the input, ends a section.
 *
 * <pre>
 *   value("greeting") = "hello"
 *   mod("other") &gt; "0"
 *
 *   put greeting "hello again"
 *   get greeting
 *
 *   get --prefix greet
 * </pre>
 */
public final class TxnParser {

    /** The three sections, with the word that prompts for each. */
    public enum Section {
        COMPARES("compares"),
        SUCCESS("success requests (get, put, del)"),
        FAILURE("failure requests (get, put, del)");

        private final String prompt;

        Section(String prompt) {
            this.prompt = prompt;
        }

        public String prompt() {
            return prompt;
        }
    }

    private TxnParser() {}

    /**
     * @param begin called before each section is read
     * @throws CliException (usage) if a line is not understood; the message quotes it
     */
    public static TxnRequest read(BufferedReader input, Consumer<Section> begin) throws IOException {
        TxnRequest.Builder txn = TxnRequest.newBuilder();
        for (Section section : Section.values()) {
            begin.accept(section);
            String line = input.readLine();
            while (line != null && !line.isBlank()) {
                switch (section) {
                    case COMPARES -> txn.addCompare(CompareLine.parse(line));
                    case SUCCESS -> txn.addSuccess(RequestLine.parse(line));
                    case FAILURE -> txn.addFailure(RequestLine.parse(line));
                }
                line = input.readLine();
            }
        }
        return txn.build();
    }
}
