package dev.lockstep.worker.exchange;

import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.settings.JvmSettings;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** For tests: bits that an executor gets wrong, each once ({@link JvmSettings#plantedFlips}). */
record PlantedFlips(String executor, Set<String> planted) {
    private static final Set<String> DONE = ConcurrentHashMap.newKeySet();

    static PlantedFlips in(String executor) {
        return new PlantedFlips(executor, JvmSettings.plantedFlips());
    }

    void strike(long step, int shard, PartialSum sum) {
        String flip = executor + "/" + step + "/" + shard;
        if (sum != null && planted.contains(flip) && DONE.add(flip)) {
            float[] values = sum.gradient();
            int at = (int) ((31 * step + shard) % values.length);
            values[at] = Float.intBitsToFloat(Float.floatToRawIntBits(values[at]) ^ 1);
        }
    }
}
