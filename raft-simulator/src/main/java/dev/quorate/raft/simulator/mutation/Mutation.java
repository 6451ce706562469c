package dev.quorate.raft.simulator.mutation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One historical mistake, as replacements in the core's sources. Its file looks like this:
 *
 * <pre>
 *   what: one line for people
 *   seeds: how many random seeds may pass before one catches it
 *   kept: which of them caught it last, counted from 1; may be missing
 *   === File.java            below the core's root package; may repeat
 *   text that occurs there exactly once
 *   --- becomes
 *   other text
 * </pre>
 */
public record Mutation(String name, String what, int maxSeeds, int kept, List<Replacement> replacements) {

    private static final String WHAT = "what: ";
    private static final String SEEDS = "seeds: ";
    private static final String KEPT = "kept: ";

    public record Replacement(String file, String search, String replace) {}

    public static Mutation read(Path path) throws IOException {
        String what = "";
        int maxSeeds = 0;
        int kept = 0;
        List<Replacement> replacements = new ArrayList<>();
        String[] blocks = Files.readString(path).split("(?m)^=== ", -1);
        for (String line : blocks[0].split("\n", -1)) {
            if (line.startsWith(WHAT)) {
                what = line.substring(WHAT.length());
            } else if (line.startsWith(SEEDS)) {
                maxSeeds = Integer.parseInt(line.substring(SEEDS.length()));
            } else if (line.startsWith(KEPT)) {
                kept = Integer.parseInt(line.substring(KEPT.length()));
            }
        }
        for (int i = 1; i < blocks.length; i++) {
            int fileEnd = blocks[i].indexOf('\n');
            String[] sides = blocks[i].substring(fileEnd + 1).split("\n--- becomes\n", -1);
            if (sides.length != 2) {
                throw new IOException(path + ": block " + i + " needs exactly one line '--- becomes'");
            }
            String replace = sides[1].substring(0, sides[1].length() - 1);
            replacements.add(new Replacement(blocks[i].substring(0, fileEnd), sides[0], replace));
        }
        if (what.isEmpty() || maxSeeds < 1 || replacements.isEmpty()) {
            throw new IOException(path + " needs a line 'what:', a line 'seeds:' and a block '=== File.java'");
        }
        String file = path.getFileName().toString();
        return new Mutation(file.substring(0, file.lastIndexOf('.')), what, maxSeeds, kept, replacements);
    }

    /** Writes into the mutation's file which seed has caught it. */
    void keep(Path directory, int seed) throws IOException {
        Path path = directory.resolve(name + ".txt");
        String text = Files.readString(path);
        int blocks = text.indexOf("\n=== ") + 1;
        String head = text.substring(0, blocks).replaceAll("(?m)^" + KEPT + ".*\n", "") + KEPT + seed + "\n";
        Files.writeString(path, head + text.substring(blocks));
    }

    /**
     * Changes the sources.
     *
     * @param sources text by file, below the core's root package
     * @throws IllegalStateException if a text to be replaced does not occur exactly once: the core has changed, and the
     *     mutation must follow
     */
    void applyTo(Map<String, String> sources) {
        for (Replacement replacement : replacements) {
            String source = sources.get(replacement.file());
            if (source == null) {
                throw new IllegalStateException(name + ": the core has no file " + replacement.file());
            }
            int at = source.indexOf(replacement.search());
            if (at < 0 || source.indexOf(replacement.search(), at + 1) >= 0) {
                throw new IllegalStateException(name + ": the text to be replaced must occur once in "
                        + replacement.file() + ", but occurs " + (at < 0 ? "never" : "more than once") + ": "
                        + replacement.search());
            }
            sources.put(
                    replacement.file(),
                    source.substring(0, at)
                            + replacement.replace()
                            + source.substring(at + replacement.search().length()));
        }
    }
}
