@NullMarked
package dev.quorate.kv.server;

import org.jspecify.annotations.NullMarked;
