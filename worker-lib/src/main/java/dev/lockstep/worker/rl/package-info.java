/** Reinforcement learning: worlds, who acts in them, and the episodes that come of it. */
package dev.lockstep.worker.rl;
