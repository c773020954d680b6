package dev.lockstep.driver.keras;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The arrays of a SimpleRNN, LSTM or GRU. Keras has a kernel [in, gates units], a recurrent kernel [units, gates units] and a bias
 * [gates units], of a GRU with reset_after [2, 3 units]; the gates of an LSTM are i, f, c, o, those of a GRU z, r, h. Here they are
 * a, f, o, i (c is called a) and r, z, n (h is called n), and a unit's weights lie one behind the other. Keras 1 has an array for each
 * gate, three by three: of an LSTM i, c, f, o.
 *
 * @param keys of our layer
 * @param gates the place of each of our gates among Keras's
 * @param parted the same of Keras 2's gates among Keras 1's
 * @param twoBiases whether the state's product has a bias of its own
 */
record RecurrentArrays(Reading reading, String keys, int units, int[] gates, int[] parted, boolean twoBiases) {

    static RecurrentArrays of(Reading reading) {
        KerasLayer layer = reading.layer();
        reading.sequence();
        for (String attribute : List.of("stateful", "return_state", "time_major")) {
            layer.require(attribute, "false");
        }
        layer.requireZero("dropout", "recurrent_dropout", "dropout_W", "dropout_U");
        int units = layer.count("units", "output_dim");
        String size = ", units = " + units;
        if (layer.type().equals("SimpleRNN")) {
            String keys = "type = rnn" + size + ", activation = " + layer.activation();
            return new RecurrentArrays(reading, keys, units, new int[] {0}, new int[] {0}, false);
        }
        layer.require("activation", "tanh");
        layer.require("recurrent_activation", "sigmoid");
        layer.require("inner_activation", "sigmoid");
        if (layer.type().equals("LSTM")) {
            return new RecurrentArrays(
                    reading, "type = lstm" + size, units, new int[] {2, 1, 3, 0}, new int[] {0, 2, 1, 3}, false);
        }
        if (!layer.type().equals("GRU")) {
            throw layer.without("goes both ways, which has no counterpart; expected a SimpleRNN, LSTM or GRU");
        }
        boolean after = layer.flag("reset_after", false);
        String keys = "type = gru" + size + ", reset = " + (after ? "after" : "before");
        return new RecurrentArrays(reading, keys, units, new int[] {1, 0, 2}, new int[] {0, 1, 2}, after);
    }

    /**
     * Gives them to the layer of ours that is added next.
     *
     * @param part which layer inside of it, if it stands for several
     */
    void put(List<KerasFile.Tensor> file, String part) {
        boolean apart = gates.length > 1 && file.size() == 3 * gates.length;
        Reading own = reading.inside(reading.layer(), apart ? joined(file) : file);
        int in = reading.input().channels();
        int sums = gates.length * units;
        Translation to = reading.to();
        to.put(part, "W", turned(own.array(0, in, sums), in));
        boolean isDl4js = !reading.layer().type().equals("GRU");
        to.put(part, isDl4js ? "RW" : "R", turned(own.array(1, units, sums), units));
        if (twoBiases) {
            float[] both = own.bias(2, 2, sums);
            to.put(part, "b", turned(Arrays.copyOf(both, sums), 1));
            to.put(part, "s", turned(Arrays.copyOfRange(both, sums, 2 * sums), 1));
        } else {
            to.put(part, "b", turned(own.bias(2, sums), 1));
        }
    }

    /** Of {@code [inputs, gates units]}, {@code [gates units][inputs]} in the order of our gates. */
    private float[] turned(float[] theirs, int inputs) {
        float[] own = new float[theirs.length];
        int sums = gates.length * units;
        for (int g = 0; g < gates.length; g++) {
            for (int u = 0; u < units; u++) {
                for (int i = 0; i < inputs; i++) {
                    own[(g * units + u) * inputs + i] = theirs[i * sums + gates[g] * units + u];
                }
            }
        }
        return own;
    }

    /** A kernel, a recurrent kernel and a bias of Keras 1's arrays of each gate. */
    private List<KerasFile.Tensor> joined(List<KerasFile.Tensor> file) {
        Reading apart = reading.inside(reading.layer(), file);
        int[] inputs = {reading.input().channels(), units, 1};
        List<KerasFile.Tensor> whole = new ArrayList<>();
        int sums = gates.length * units;
        for (int kind = 0; kind < inputs.length; kind++) {
            float[] values = new float[inputs[kind] * sums];
            for (int g = 0; g < gates.length; g++) {
                int index = 3 * parted[g] + kind;
                float[] part = kind == 2 ? apart.array(index, units) : apart.array(index, inputs[kind], units);
                for (int i = 0; i < inputs[kind]; i++) {
                    System.arraycopy(part, i * units, values, i * sums + g * units, units);
                }
            }
            whole.add(new KerasFile.Tensor(kind == 2 ? List.of(sums) : List.of(inputs[kind], sums), values));
        }
        return whole;
    }
}
