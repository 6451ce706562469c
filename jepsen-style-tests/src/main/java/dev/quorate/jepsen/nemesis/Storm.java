package dev.quorate.jepsen.nemesis;

/** What happens to the servers in a run. It ends by itself, or soon after it is told to; then everything is healed. */
public interface Storm extends Runnable {

    /** Tells it to end; any thread. */
    void stop();
}
