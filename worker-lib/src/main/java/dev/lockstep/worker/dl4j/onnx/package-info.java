/** DL4J's networks as ONNX files: which operators compute what each layer computes in evaluation. */
package dev.lockstep.worker.dl4j.onnx;
