/** Examples as they are stored and shipped, and what makes a batch for the network of them. */
package dev.lockstep.worker.data;
