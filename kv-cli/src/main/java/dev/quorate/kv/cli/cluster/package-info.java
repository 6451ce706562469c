/**
 * A cluster on this machine: its ports, its directory, its processes.
 */
@NullMarked
package dev.quorate.kv.cli.cluster;

import org.jspecify.annotations.NullMarked;
