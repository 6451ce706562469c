/**
 * Answers as text for people and as JSON for programs.
 */
@NullMarked
package dev.quorate.kv.cli.output;

import org.jspecify.annotations.NullMarked;
