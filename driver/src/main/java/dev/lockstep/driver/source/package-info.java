/** Data sets where they lie: files on any Hadoop file system or in our jar, checked once and read in ranges by tasks. */
package dev.lockstep.driver.source;
