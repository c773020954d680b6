/** A run's report while it runs, for a browser on the same machine and for nobody else. */
package dev.lockstep.driver.live;
