package dev.quorate.kv.watch;

import dev.quorate.kv.mvcc.KeyRange;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Ranges of keys, to be asked which of them have a key: a search tree over their first keys, in which each node knows how far
 * the ranges below it reach. A question costs the logarithm of the number of different ranges for each that it finds. It is kept
 * flat by priorities that are drawn at random: nobody who chooses the ranges can choose the shape of the tree.
 */
final class RangeTree<I extends Interest> {

    private final SplittableRandom random = new SplittableRandom();
    private @Nullable Node<I> root;

    /** All interests in one and the same range. */
    private static final class Node<I extends Interest> {
        final byte[] from;
        final byte @Nullable [] to; // null: no end
        final long priority;
        final InterestSet<I> interests = new InterestSet<>();
        byte @Nullable [] furthest; // the largest end here and below

        @Nullable
        Node<I> left;

        @Nullable
        Node<I> right;

        Node(KeyRange range, long priority) {
            this.from = range.from();
            this.to = range.to();
            this.priority = priority;
            this.furthest = to;
        }

        int compareTo(KeyRange range) {
            int order = Arrays.compareUnsigned(from, range.from());
            return order != 0 ? order : compareEnds(to, range.to());
        }

        void update() {
            furthest = to;
            for (Node<I> child : Arrays.asList(left, right)) {
                if (child != null && compareEnds(child.furthest, furthest) > 0) {
                    furthest = child.furthest;
                }
            }
        }
    }

    private static int compareEnds(byte @Nullable [] a, byte @Nullable [] b) {
        if (a == null || b == null) {
            return a == b ? 0 : a == null ? 1 : -1;
        }
        return Arrays.compareUnsigned(a, b);
    }

    boolean isEmpty() {
        return root == null;
    }

    void add(I interest) {
        root = add(root, interest);
    }

    /** The interest must be in the tree. */
    void remove(I interest) {
        root = remove(root, interest);
    }

    /** Names every interest in a range that has the key. */
    void find(byte[] key, Consumer<List<I>> each) {
        find(root, key, each);
    }

    private void find(@Nullable Node<I> node, byte[] key, Consumer<List<I>> each) {
        if (node == null || isBefore(node.furthest, key)) {
            return;
        }
        find(node.left, key, each);
        if (Arrays.compareUnsigned(node.from, key) <= 0) {
            if (!isBefore(node.to, key)) {
                each.accept(node.interests.all());
            }
            find(node.right, key, each);
        }
    }

    private static boolean isBefore(byte @Nullable [] end, byte[] key) {
        return end != null && Arrays.compareUnsigned(end, key) <= 0;
    }

    private Node<I> add(@Nullable Node<I> node, I interest) {
        if (node == null) {
            Node<I> made = new Node<>(interest.range, random.nextLong());
            made.interests.add(interest);
            return made;
        }
        int order = node.compareTo(interest.range);
        if (order == 0) {
            node.interests.add(interest);
            return node;
        }
        if (order > 0) {
            Node<I> child = add(node.left, interest);
            node.left = child;
            return child.priority > node.priority ? rotateRight(node, child) : updated(node);
        }
        Node<I> child = add(node.right, interest);
        node.right = child;
        return child.priority > node.priority ? rotateLeft(node, child) : updated(node);
    }

    private @Nullable Node<I> remove(@Nullable Node<I> node, I interest) {
        if (node == null) {
            throw new IllegalStateException("the range to remove is not in the tree");
        }
        int order = node.compareTo(interest.range);
        if (order == 0) {
            node.interests.remove(interest);
            return node.interests.isEmpty() ? merge(node.left, node.right) : node;
        }
        if (order > 0) {
            node.left = remove(node.left, interest);
        } else {
            node.right = remove(node.right, interest);
        }
        return updated(node);
    }

    /** Everything in {@code left} is before everything in {@code right}. */
    private static <I extends Interest> @Nullable Node<I> merge(@Nullable Node<I> left, @Nullable Node<I> right) {
        if (left == null || right == null) {
            return left == null ? right : left;
        }
        if (left.priority > right.priority) {
            left.right = merge(left.right, right);
            return updated(left);
        }
        right.left = merge(left, right.left);
        return updated(right);
    }

    private static <I extends Interest> Node<I> rotateRight(Node<I> node, Node<I> child) {
        node.left = child.right;
        child.right = updated(node);
        return updated(child);
    }

    private static <I extends Interest> Node<I> rotateLeft(Node<I> node, Node<I> child) {
        node.right = child.left;
        child.left = updated(node);
        return updated(child);
    }

    private static <I extends Interest> Node<I> updated(Node<I> node) {
        node.update();
        return node;
    }
}
