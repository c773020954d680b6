/** Reports: one HTML file each, that opens offline and loads nothing; the only script is the one that sorts a sweep's table. */
package dev.lockstep.driver.report;
