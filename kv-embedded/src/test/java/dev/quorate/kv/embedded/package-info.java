@NullMarked
package dev.quorate.kv.embedded;

import org.jspecify.annotations.NullMarked;
