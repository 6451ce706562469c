package dev.quorate.raft;

import java.util.List;

/**
 * The text of a transcript.
 *
 * <pre>
 *   # prose, for the reader
 *   &gt; a command
 *   what it led to
 *
 * </pre>
 *
 * An empty line, prose or a command ends what the command before led to.
 */
final class Transcript {

    private Transcript() {}

    /** Plays the commands of a transcript. Returns the same text with what they led to this time. */
    static String play(String text) {
        Stage stage = new Stage();
        StringBuilder played = new StringBuilder();
        boolean isBelowCommand = false;
        int number = 0;
        for (String line : text.lines().toList()) {
            number++;
            if (line.startsWith("> ")) {
                isBelowCommand = true;
                played.append(line).append('\n');
                for (String told : play(stage, line.substring(2), number)) {
                    played.append(told.stripTrailing()).append('\n');
                }
            } else if (line.isBlank() || line.startsWith("#")) {
                isBelowCommand = false;
                played.append(line.stripTrailing()).append('\n');
            } else if (!isBelowCommand) {
                throw new IllegalArgumentException(
                        "line " + number + ": this is no prose, no command and not what one led to: " + line);
            }
        }
        return played.toString();
    }

    private static List<String> play(Stage stage, String command, int line) {
        try {
            return stage.play(command);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("line " + line + ": " + e.getMessage(), e);
        }
    }
}
