/** The one training loop, what listens to it, and the trainer that assembles both from a configuration. */
package dev.lockstep.driver.loop;
