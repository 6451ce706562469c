/** A number on three machines: the smallest program that embeds the library. */
@NullMarked
package dev.quorate.examples.counter;

import org.jspecify.annotations.NullMarked;
