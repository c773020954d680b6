package dev.lockstep.worker.model;

/**
 * What the chunks of a gradient come to.
 *
 * @param whole the square of each one's L2 norm; of running statistics 0, or NaN when one is not finite
 * @param bounded the same when every value is clipped; of no meaning where the norm is not clipped
 */
public record ChunkSquares(double[] whole, double[] bounded) {
    public ChunkSquares(int chunks) {
        this(new double[chunks], new double[chunks]);
    }
}
