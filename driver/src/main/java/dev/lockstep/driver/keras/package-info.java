/** Models of Keras, read from their files: HDF5 by jHDF, which is Java alone. */
package dev.lockstep.driver.keras;
