@NullMarked
package dev.quorate.kv.watch;

import org.jspecify.annotations.NullMarked;
