package dev.quorate.jepsen.watch;

/**
 * A change, as a watcher saw it.
 *
 * @param atNanos when it arrived, on the run's clock
 * @param node who sent it
 * @param response which of the watcher's responses it was in, counted from 0
 */
public record Sighting(Change change, long atNanos, String node, int response) {}
