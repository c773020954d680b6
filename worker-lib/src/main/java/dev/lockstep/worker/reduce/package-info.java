/** The canonical tree along which shards are summed: the same bits, whoever holds which shard. */
package dev.lockstep.worker.reduce;
