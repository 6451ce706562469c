@NullMarked
package dev.quorate.examples.counter;

import org.jspecify.annotations.NullMarked;
