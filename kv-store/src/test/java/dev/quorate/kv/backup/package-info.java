@NullMarked
package dev.quorate.kv.backup;

import org.jspecify.annotations.NullMarked;
