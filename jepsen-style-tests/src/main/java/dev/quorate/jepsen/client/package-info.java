/** Clients that send requests, and record what they may conclude from the answers. */
@NullMarked
package dev.quorate.jepsen.client;

import org.jspecify.annotations.NullMarked;
