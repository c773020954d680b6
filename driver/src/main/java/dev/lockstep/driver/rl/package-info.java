/** Reinforcement learning: episodes are lived in Spark tasks, and what they teach is learnt by the one training loop. */
package dev.lockstep.driver.rl;
