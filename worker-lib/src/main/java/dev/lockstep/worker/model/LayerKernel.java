package dev.lockstep.worker.model;

/**
 * What computes a layer, a preprocessor in front of it, or a vertex of a graph without a layer, and how often it did.
 *
 * @param index of the layer, from 0; in a graph, of the vertex
 * @param type DL4J's name of the layer
 * @param kernel the class that computes it
 * @param technique how ours computes it, and what is fused; empty when DL4J's computes
 * @param stock why DL4J's layer was kept; empty when ours computes, or when DL4J's does all there is to do
 * @param forward passes by our code; an output layer computes its sums anew for the gradient and for the score
 * @param backward passes by our code
 * @param stockForward passes that ours handed to DL4J's code
 * @param stockBackward the same backward
 */
public record LayerKernel(
        int index,
        String type,
        String kernel,
        String technique,
        String stock,
        long forward,
        long backward,
        long stockForward,
        long stockBackward) {}
