package dev.lockstep.driver.spark;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.worker.failure.ConfigurationException;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which masters there is a way to is known before Spark starts; this class path has the jars of none but Spark's own. */
class MasterTest {
    private static SparkConf with(String master) {
        return new SparkConf(false).setMaster(master);
    }

    @ParameterizedTest
    @ValueSource(strings = {"yarn", "k8s://https://host:6443"})
    void aClusterOfOthersNeedsSparkSubmit(String master) {
        assertThatThrownBy(() -> SparkApplication.requireReachable(with(master)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("--master " + master + ": the jars of Spark for it are not here; start Lockstep by the"
                        + " spark-submit of a Spark that has them");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"sprak://host:7077", "local[2", "local[]", "local-cluster[2,1]", "LOCAL", "yarn-client", ""})
    void whatIsNoMasterIsRefused(String master) {
        assertThatThrownBy(() -> SparkApplication.requireReachable(with(master)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("--master " + master + ": expected local, local[N], ");
    }

    @Test
    void aStandaloneOneMustAnswer() {
        assertThatThrownBy(() -> SparkApplication.requireReachable(with("spark://127.0.0.1:1")))
                .hasMessageStartingWith("--master spark://127.0.0.1:1: nobody answers there");
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "local[2]", "local[*]", "local[ 2 , 4 ]", "local[*,3]", "local-cluster[2,1,1024]"})
    void localOnesNeedNothing(String master) {
        assertThatCode(() -> SparkApplication.requireReachable(with(master))).doesNotThrowAnyException();
    }
}
