/** What carries over from step to step, and nothing else does. */
package dev.lockstep.driver.state;
