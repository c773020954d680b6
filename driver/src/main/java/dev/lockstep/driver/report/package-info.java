/** Reports: one HTML file each, that opens offline, runs no script and loads nothing. */
package dev.lockstep.driver.report;
