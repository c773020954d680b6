/**
 * The course's exercises ({@code conf/course}): each a set of trials, or a worked example, that ends in one report.
 */
package dev.lockstep.jobs.course;
