/**
 * ONNX files, as far as a network needs them: operators, tensors and the format's own bytes. Knows no layer; a layer says
 * with which operators it is computed.
 */
package dev.lockstep.worker.onnx;
