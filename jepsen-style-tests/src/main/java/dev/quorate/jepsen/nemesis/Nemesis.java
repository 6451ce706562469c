package dev.quorate.jepsen.nemesis;

import java.util.Random;

/** One kind of fault. */
public interface Nemesis {

    /** As it is called on the command line. */
    String kind();

    /** Draws whom to hit, and for how long. */
    Blow draw(Random random);
}
