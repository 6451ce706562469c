/**
 * Who hurts the servers: a {@link dev.quorate.jepsen.nemesis.Nemesis} draws a {@link dev.quorate.jepsen.nemesis.Blow}, which
 * strikes, lasts, and is healed. {@link dev.quorate.jepsen.nemesis.Schedule} does so by a seed until time is up.
 */
@NullMarked
package dev.quorate.jepsen.nemesis;

import org.jspecify.annotations.NullMarked;
