/**
 * What was asked for, as values, and the parser of HOCON that reads them: each key with its default and its range beside
 * it, all problems reported at once.
 */
package dev.lockstep.driver.config;
