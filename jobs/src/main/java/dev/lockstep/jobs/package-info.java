/** Where the process begins. */
package dev.lockstep.jobs;
