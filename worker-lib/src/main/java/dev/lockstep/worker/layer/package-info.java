/** Layers that DL4J lacks, as DL4J layers; stands on DL4J alone. A model with one of them needs our jar. */
package dev.lockstep.worker.layer;
