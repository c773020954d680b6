/**
 * The layers that a configuration can name, a file each: what it is told, its keys, its shape rule and, where DL4J has no
 * such layer, what it computes. To add one: its file, and a line in {@link dev.lockstep.worker.model.layer.Layers}.
 */
package dev.lockstep.worker.model.layer;
