"""Writes the files beside this one: KERAS_BACKEND=jax python3 make.py, with keras 3.15.1, jax and h5py 3.16.

The models and what they say are Keras's own. The files of Keras 2 and 1 are written by h5py in the form which those
versions have (their attributes' names, their paths of weights), with the same weights.
"""

import json

import h5py
import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(7)


def filled(model):
    model.set_weights(
        [
            (rng.uniform(0.5, 2, w.shape) if "variance" in v.name else rng.normal(size=w.shape) * 0.4).astype("f4")
            for v, w in zip(model.weights, model.get_weights())
        ]
    )
    return model


def told(name, model, inputs):
    rows = np.hstack([inputs.reshape(len(inputs), -1), model.predict(inputs, verbose=0)])
    np.savetxt(name + ".csv", rows, delimiter=",", fmt="%.9g")


image = filled(
    keras.Sequential(
        [
            layers.Input((10, 12, 2)),
            layers.Conv2D(4, 3, activation="relu", use_bias=False, name="conv"),
            layers.BatchNormalization(momentum=0.9, epsilon=1e-4, name="norm"),
            layers.MaxPooling2D(2, name="pool"),
            layers.Conv2D(3, 3, padding="same", activation="tanh", name="conv_same"),
            layers.AveragePooling2D((2, 2), strides=1, name="mean"),
            layers.Flatten(name="flat"),
            layers.BatchNormalization(scale=False, name="norm_flat"),
            layers.Dense(6, activation="relu", name="hidden"),
            layers.Dropout(0.3, name="drop"),
            layers.Dense(5, activation="softmax", name="told"),
        ]
    )
)
inputs = rng.uniform(size=(4, 10, 12, 2)).astype("f4")
told("image", image, inputs)
image.save("image-keras-3.h5")
image.save("image-keras-3.keras")

values = filled(
    keras.Sequential(
        [
            layers.Input((5,)),
            layers.Dense(7, name="first"),
            layers.Activation("elu", name="bend"),
            layers.BatchNormalization(name="norm"),
            layers.Dense(2, activation="sigmoid", name="told"),
        ]
    )
)
told("values", values, rng.normal(size=(6, 5)).astype("f4"))
values.save("values-keras-3.keras")


def older(name, version, sequential, layer, weights):
    """The image model as an older Keras has it."""
    configured = []
    with h5py.File(name, "w") as file:
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = [each.name.encode() for each in image.layers]
        for i, each in enumerate(image.layers):
            config = layer(each, i)
            configured.append({"class_name": config.pop("class_name"), "config": config})
            own = group.create_group(each.name)
            names = weights(each)
            own.attrs["weight_names"] = [path.encode() for path in names]
            for path, value in zip(names, each.get_weights()):
                own.create_dataset(path, data=value)
        model = {"class_name": "Sequential", "config": sequential(configured)}
        file.attrs["model_config"] = json.dumps(model).encode()
        file.attrs["backend"] = b"tensorflow"
        if version:
            file.attrs["keras_version"] = version.encode()


def of_keras_2(each, index):
    config = {k: v for k, v in each.get_config().items() if not isinstance(v, dict) and k != "dtype"}
    config["dtype"] = "float32"
    config["class_name"] = type(each).__name__
    if index == 0:
        config["batch_input_shape"] = [None, 10, 12, 2]
    return config


def of_keras_1(each, index):
    config = of_keras_2(each, index)
    renames = {"filters": "nb_filter", "units": "output_dim", "rate": "p", "padding": "border_mode", "use_bias": "bias"}
    config = {renames.get(k, k): v for k, v in config.items() if k not in ("data_format", "dtype", "groups")}
    if config["class_name"] == "Conv2D":
        config["class_name"] = "Convolution2D"
        config["nb_row"], config["nb_col"] = config.pop("kernel_size")
        config["subsample"] = config.pop("strides")
        config["dim_ordering"] = "tf"
        del config["dilation_rate"]
    return config


older(
    "image-keras-2.h5",
    "2.15.0",
    lambda configured: {"name": "sequential", "layers": configured},
    of_keras_2,
    lambda each: [each.name + "/" + v.name + ":0" for v in each.weights],
)
older(
    "image-keras-1.h5",
    "1.2.2",
    lambda configured: configured,
    of_keras_1,
    lambda each: [
        each.name + "_" + {"kernel": "W", "bias": "b", "moving_mean": "running_mean", "moving_variance": "running_std"}
        .get(v.name, v.name)
        for v in each.weights
    ],
)

keras.Model(values.inputs, values.outputs, name="functional").save("functional-keras-3.keras")

tiny = filled(
    keras.Sequential(
        [
            layers.Input((4, 4, 1)),
            layers.Flatten(),
            layers.Dense(6, activation="relu"),
            layers.Dense(3, activation="softmax"),
        ]
    )
)
tiny.save("tiny-keras-3.h5")

keras.Sequential([layers.Input((8, 8, 1)), layers.Conv2D(2, (3, 2), name="uneven"), layers.Flatten(), layers.Dense(2)]).save(
    "uneven-keras-3.keras"
)

start = layers.Input((3,), name="start")
one = layers.Dense(2, name="one")(start)
other = layers.Dense(2, name="other")(start)
keras.Model(start, layers.Dense(2)(layers.Add(name="both")([one, other]))).save("branches-keras-3.keras")

# Sequences and branches. Of each model: the file of Keras 3, its answers, and the files of Keras 2 and 1 by hand.


def steps_told(name, model, inputs):
    """Of each example its values, step by step, and what the model says."""
    answers = model.predict(inputs, verbose=0)
    rows = [np.concatenate([i.reshape(-1), a.reshape(-1)]) for i, a in zip(inputs, answers)]
    np.savetxt(name + ".csv", np.array(rows), delimiter=",", fmt="%.9g")


def gates(kernel, recurrent, bias, order):
    """As Keras 1 has them: three arrays for each gate, in an order of its own."""
    n = kernel.shape[1] // len(order)
    parts = [[a[..., g * n : (g + 1) * n] for a in (kernel, recurrent, bias)] for g in range(len(order))]
    return [array for g in order for array in parts[g]]


def arrays_of_keras_1(each):
    values = each.get_weights()
    kinds = {"LSTM": (0, 2, 1, 3), "GRU": (0, 1, 2)}
    if type(each).__name__ == "Bidirectional":
        order = kinds[type(each.forward_layer).__name__]
        half = len(values) // 2
        return gates(*values[:half], order) + gates(*values[half:], order)
    if type(each).__name__ in kinds:
        return gates(*values, kinds[type(each).__name__])
    return values


def config_of(each, first):
    config = {k: v for k, v in each.get_config().items() if "initializer" not in k and k not in ("dtype", "seed")}
    for key in ("layer", "backward_layer"):
        if key in config:
            inner = config[key]["config"]
            config[key] = {
                "class_name": config[key]["class_name"],
                "config": {k: v for k, v in inner.items() if "initializer" not in k and k not in ("dtype", "seed")},
            }
    if first is not None:
        config["batch_input_shape"] = first
    return config


OLD = {
    "filters": "nb_filter",
    "units": "output_dim",
    "rate": "p",
    "padding": "border_mode",
    "use_bias": "bias",
    "recurrent_activation": "inner_activation",
    "dropout": "dropout_W",
    "recurrent_dropout": "dropout_U",
}


def renamed(class_name, config):
    gone = ("data_format", "groups", "reset_after", "unroll", "time_major", "return_state", "unit_forget_bias", "ragged")
    config = {OLD.get(k, k): v for k, v in config.items() if k not in gone and not k.endswith("_constraint")}
    if class_name in ("Conv2D", "Conv1D"):
        class_name = class_name.replace("Conv", "Convolution")
        size = config.pop("kernel_size")
        stride = config.pop("strides")
        del config["dilation_rate"]
        if len(size) == 2:
            config.update(nb_row=size[0], nb_col=size[1], subsample=stride, dim_ordering="tf")
        else:
            config.update(filter_length=size[0], subsample_length=stride[0])
    for key in ("layer", "backward_layer"):
        if key in config:
            inner = dict(zip(("class_name", "config"), renamed(config[key]["class_name"], config[key]["config"])))
            config[key] = inner
    if class_name == "Bidirectional":
        config.pop("backward_layer", None)
    return class_name, config


def by_hand(file_name, model, keras_1):
    """The model as Keras 2 or 1 would have it."""
    functional = type(model).__name__ == "Functional"
    shape = [None] + list(model.input_shape[1:])
    configured = []
    with h5py.File(file_name, "w") as file:
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = [each.name.encode() for each in model.layers]
        for i, each in enumerate(model.layers):
            name = type(each).__name__
            config = {"name": each.name, "batch_input_shape": shape, "dtype": "float32"}
            if name != "InputLayer":
                config = config_of(each, shape if i == 0 and not functional else None)
            if keras_1:
                name, config = renamed(name, config)
            layer = {"class_name": name, "config": config}
            if functional:
                read = [t._keras_history.operation.name for node in each._inbound_nodes for t in node.input_tensors]
                end = [] if keras_1 else [{}]
                layer["name"] = each.name
                layer["inbound_nodes"] = [[[r, 0, 0] + end for r in read]] if read else []
            configured.append(layer)
            own = group.create_group(each.name)
            values = arrays_of_keras_1(each) if keras_1 else each.get_weights()
            paths = ["%s/array_%d:0" % (each.name, n) for n in range(len(values))]
            own.attrs["weight_names"] = [path.encode() for path in paths]
            for path, value in zip(paths, values):
                own.create_dataset(path, data=value)
        told = model.layers[-1].name
        if functional:
            ends = {"input_layers": [[model.layers[0].name, 0, 0]], "output_layers": [[told, 0, 0]]}
            whole = {
                "class_name": "Model" if keras_1 else "Functional",
                "config": {"name": model.name, "layers": configured, **ends},
            }
        else:
            whole = {
                "class_name": "Sequential",
                "config": configured if keras_1 else {"name": "sequential", "layers": configured},
            }
        file.attrs["model_config"] = json.dumps(whole).encode()
        file.attrs["keras_version"] = b"1.2.2" if keras_1 else b"2.15.0"


def all_versions(name, model, inputs, versions):
    filled(model)
    steps_told(name, model, inputs)
    if 3 in versions:
        model.save(name + "-keras-3.keras")
        if "h5" in versions:
            model.save(name + "-keras-3.h5")
    if 2 in versions:
        by_hand(name + "-keras-2.h5", model, False)
    if 1 in versions:
        by_hand(name + "-keras-1.h5", model, True)


all_versions(
    "words",
    keras.Sequential(
        [
            layers.Input((7,), dtype="int32"),
            layers.Embedding(11, 5, name="rows"),
            layers.Bidirectional(layers.LSTM(3, return_sequences=True), name="both"),
            layers.Dropout(0.2, name="drop"),
            layers.GRU(4, reset_after=False, return_sequences=True, name="before"),
            layers.LSTM(4, name="memory"),
            layers.Dense(11, activation="softmax", name="told"),
        ]
    ),
    rng.integers(0, 11, size=(5, 7)),
    (1, 2, 3, "h5"),
)

all_versions(
    "after",
    keras.Sequential(
        [
            layers.Input((None, 3)),
            layers.GRU(4, reset_after=True, return_sequences=True, name="after"),
            layers.SimpleRNN(4, activation="relu", return_sequences=True, name="bent"),
            layers.GRU(3, use_bias=False, return_sequences=True, name="plain"),
            layers.LayerNormalization(name="norm"),
            layers.TimeDistributed(layers.Dense(5, activation="tanh"), name="each"),
            layers.Dense(2, activation="sigmoid", name="told"),
        ]
    ),
    rng.normal(size=(4, 6, 3)).astype("f4"),
    (2, 3, "h5"),
)

start = layers.Input((None, 3), name="steps")
seen = layers.Conv1D(4, 3, padding="causal", activation="relu", name="taps")(start)
ends = layers.Bidirectional(layers.GRU(3, reset_after=False), name="ends")(seen)
rnn = layers.Bidirectional(layers.SimpleRNN(2), name="turn")(start)
lstm = layers.LSTM(4, return_sequences=True, use_bias=False, name="kept")(start)
both = layers.Add(name="both")([lstm, seen])
wide = layers.Concatenate(name="wide")([both, start])
mean = layers.GlobalAveragePooling1D(name="mean")(wide)
joined = layers.Concatenate(name="joined")([ends, mean, rnn])
all_versions(
    "ends",
    keras.Model(start, layers.Dense(3, activation="softmax", name="told")(joined)),
    rng.normal(size=(4, 5, 3)).astype("f4"),
    (2, 3),
)

start = layers.Input((6, 8, 2), name="image")
one = layers.Conv2D(3, 3, padding="same", activation="relu", name="one")(start)
other = layers.Conv2D(3, 1, name="other")(start)
block = layers.Add(name="block")([one, other])
wide = layers.Concatenate(name="wide")([start, block])
norm = layers.BatchNormalization(name="norm")(wide)
pool = layers.MaxPooling2D(2, name="pool")(norm)
flat = layers.Flatten(name="flat")(pool)
small = layers.Flatten(name="small")(layers.Conv2D(2, 3, name="last")(pool))
joined = layers.Concatenate(name="joined")([flat, layers.GlobalAveragePooling2D(name="mean")(norm), small])
joined = layers.BatchNormalization(name="norm_flat")(joined)
all_versions(
    "block",
    keras.Model(start, layers.Dense(4, activation="softmax", name="told")(joined)),
    rng.uniform(size=(4, 6, 8, 2)).astype("f4"),
    (1, 2, 3),
)

start = layers.Input((7, 9, 2), name="image")
apart = layers.DepthwiseConv2D(3, depth_multiplier=2, padding="same", activation="relu", name="apart")(start)
parted = layers.SeparableConv2D(4, 3, padding="same", activation="tanh", name="parted")(start)
mean = layers.Average(name="mean")([apart, parted])
last = layers.SeparableConv2D(3, 3, depth_multiplier=2, use_bias=False, name="last")(mean)
all_versions(
    "apart",
    keras.Model(start, layers.Dense(3, activation="softmax", name="told")(layers.Flatten(name="flat")(last))),
    rng.uniform(size=(4, 7, 9, 2)).astype("f4"),
    (2, 3),
)
