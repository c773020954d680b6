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
