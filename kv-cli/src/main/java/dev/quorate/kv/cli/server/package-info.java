/**
 * What {@code kv server} is told, from flags and from a file.
 */
@NullMarked
package dev.quorate.kv.cli.server;

import org.jspecify.annotations.NullMarked;
