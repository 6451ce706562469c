package dev.quorate.jepsen.checker;

import java.util.List;

/**
 * What a history proves.
 *
 * @param keys how many keys were checked
 * @param calls how many calls on them
 * @param violations keys whose history no register explains, readable
 * @param undecided keys where the search gave up, and why
 * @param revisionViolations what contradicts the store's own revisions, readable
 * @param lostWrites acknowledged writes that the last reads of their keys do not know
 * @param checkMillis how long the checks took
 */
public record Verdict(
        int keys,
        int calls,
        List<String> violations,
        List<String> undecided,
        List<String> revisionViolations,
        int lostWrites,
        long checkMillis) {

    public Verdict {
        violations = List.copyOf(violations);
        undecided = List.copyOf(undecided);
        revisionViolations = List.copyOf(revisionViolations);
    }

    /** The answer in one word. */
    public String linearizable() {
        if (!violations.isEmpty()) {
            return "no";
        }
        return undecided.isEmpty() ? "yes" : "undecided";
    }

    /** True if everything was decided, and nothing is wrong. */
    public boolean isGood() {
        return violations.isEmpty() && undecided.isEmpty() && revisionViolations.isEmpty() && lostWrites == 0;
    }

    /** Several lines for a person; ends with a line break. */
    public String describe() {
        StringBuilder text = new StringBuilder();
        text.append("linearizable: ")
                .append(linearizable())
                .append("  (" + keys + " keys, " + calls + " calls, " + undecided.size() + " undecided, checked in "
                        + checkMillis + " ms)\n");
        text.append("revisions consistent: ")
                .append(revisionViolations.isEmpty() ? "yes" : "no")
                .append('\n');
        text.append("acknowledged writes lost: ").append(lostWrites).append('\n');
        undecided.forEach(why -> text.append("  undecided: ").append(why).append('\n'));
        violations.forEach(
                what -> text.append("  not linearizable: ").append(what).append('\n'));
        revisionViolations.forEach(
                what -> text.append("  revisions: ").append(what).append('\n'));
        return text.toString();
    }
}
