/**
 * The command line {@code kv}: one class for each subcommand, thin over the packages below. {@code System.exit} is called in
 * {@link dev.quorate.kv.cli.Main} only, with a code that {@link dev.quorate.kv.cli.ExitCode} names.
 */
@NullMarked
package dev.quorate.kv.cli;

import org.jspecify.annotations.NullMarked;
