/**
 * Backups: the store of one member as a file, and back.
 *
 * <pre>
 *   backup          a tar entry with what the file says of itself ({@link dev.quorate.kv.backup.BackupInfo})
 *   store/CURRENT   the files of a RocksDB checkpoint, as tar entries
 *   store/…
 *   (end of archive)
 *   SHA-256         of everything before, 32 bytes
 * </pre>
 *
 * A tar archive is a multiple of 512 bytes long, so the file leaves 32 when its size is divided by 512: that is how etcd's clients
 * look whether a snapshot came whole. Any {@code tar} lists and unpacks the file; it does not look at what follows the archive.
 */
@NullMarked
package dev.quorate.kv.backup;

import org.jspecify.annotations.NullMarked;
