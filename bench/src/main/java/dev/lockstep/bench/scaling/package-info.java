/**
 * What a gang's exchange costs on clusters that are not there to measure: a cost model fitted to measured points, and
 * {@code docs/scaling.md}, whose numbers it writes.
 */
package dev.lockstep.bench.scaling;
