/**
 * What is set from outside the configuration: system properties and the environment of a process, and the
 * {@code spark.lockstep.*} keys of an application. They are read here and nowhere else; docs/operate.md lists them.
 */
package dev.lockstep.worker.settings;
