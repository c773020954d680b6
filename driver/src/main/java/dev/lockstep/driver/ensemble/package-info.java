/** Several trained networks that answer as one: bagging, boosting, stacking. */
package dev.lockstep.driver.ensemble;
