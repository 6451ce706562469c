package dev.quorate.kv.mvcc;

import java.util.Arrays;

/** Bytes that grow; numbers are written as protobuf writes them. */
final class ByteWriter {

    private byte[] bytes;
    private int size;

    ByteWriter(int capacity) {
        bytes = new byte[capacity];
    }

    int size() {
        return size;
    }

    byte[] array() {
        return bytes;
    }

    byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }

    /** Forgets everything from {@code newSize} on, or fills up with zeros. */
    void setSize(int newSize) {
        if (newSize > size) {
            ensure(newSize - size);
            Arrays.fill(bytes, size, newSize, (byte) 0);
        }
        size = newSize;
    }

    ByteWriter write(int b) {
        ensure(1);
        bytes[size++] = (byte) b;
        return this;
    }

    ByteWriter write(byte[] source) {
        return write(source, 0, source.length);
    }

    ByteWriter write(byte[] source, int offset, int length) {
        ensure(length);
        System.arraycopy(source, offset, bytes, size, length);
        size += length;
        return this;
    }

    ByteWriter varint(long value) {
        ensure(10);
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            bytes[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
        return this;
    }

    private void ensure(int more) {
        if (more > bytes.length - size) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, Math.addExact(size, more)));
        }
    }

    static int varintSize(long value) {
        return (70 - Long.numberOfLeadingZeros(value | 1)) / 7;
    }
}
