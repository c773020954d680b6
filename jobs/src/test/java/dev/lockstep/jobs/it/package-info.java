/**
 * What only shows in real processes: the launcher, clusters, kills. A test finds what Maven built through system
 * properties that jobs/pom.xml sets.
 */
package dev.lockstep.jobs.it;
