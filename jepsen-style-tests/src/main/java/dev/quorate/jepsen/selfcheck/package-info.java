/** Checks the checker: histories of a store that is right by construction, and how fast they are judged. */
@NullMarked
package dev.quorate.jepsen.selfcheck;

import org.jspecify.annotations.NullMarked;
