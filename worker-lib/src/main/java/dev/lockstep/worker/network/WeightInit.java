package dev.lockstep.worker.network;

import java.io.Serializable;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.weights.IWeightInit;
import org.deeplearning4j.nn.weights.WeightInitConstant;
import org.deeplearning4j.nn.weights.WeightInitDistribution;
import org.deeplearning4j.nn.weights.WeightInitNormal;
import org.deeplearning4j.nn.weights.WeightInitRelu;

/** How weights start; biases always start at 0. fanIn is the number of inputs one unit sees. */
public sealed interface WeightInit extends Serializable {

    IWeightInit dl4j();

    /**
     * N(0, standardDeviation^2)
     *
     * @param standardDeviation above 0
     */
    record Gauss(double standardDeviation) implements WeightInit {
        @Override
        public IWeightInit dl4j() {
            return new WeightInitDistribution(new NormalDistribution(0, standardDeviation));
        }
    }

    /** N(0, 1 / fanIn): the fan-in form of Glorot, Bengio 2010, as the course defines it (DL4J's XAVIER is another). */
    record Xavier() implements WeightInit {
        @Override
        public IWeightInit dl4j() {
            return new WeightInitNormal();
        }
    }

    /** N(0, 2 / fanIn): He, Zhang, Ren, Sun 2015, for ReLU. */
    record He() implements WeightInit {
        @Override
        public IWeightInit dl4j() {
            return new WeightInitRelu();
        }
    }

    /** 0: every unit of a layer learns the same, which is why weights must not start so. */
    record Zeros() implements WeightInit {
        @Override
        public IWeightInit dl4j() {
            return new WeightInitConstant(0);
        }
    }
}
