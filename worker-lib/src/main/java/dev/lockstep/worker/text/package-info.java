/** Text as numbers: how it is cut into tokens, and which tokens a network knows. */
package dev.lockstep.worker.text;
