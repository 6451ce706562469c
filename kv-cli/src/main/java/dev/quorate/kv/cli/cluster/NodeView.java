package dev.quorate.kv.cli.cluster;

import dev.quorate.kv.cli.client.StatusAnswer;
import org.jspecify.annotations.Nullable;

/**
 * One node as seen from outside.
 *
 * @param pid null if its process does not run
 */
public record NodeView(
        ClusterLayout.NodeAddress address, @Nullable Long pid, StatusAnswer answer) {}
