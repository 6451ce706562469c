/** What the server does with whole directories, and {@link java.nio.file.Files} does not. */
@NullMarked
package dev.quorate.kv.files;

import org.jspecify.annotations.NullMarked;
