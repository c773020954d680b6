"""Writes the files beside this one, the networks of the course's Keras exercises before they learn: KERAS_BACKEND=jax python3
make.py, with keras 3.15.1, jax and h5py 3.16.
"""

import os
import sys

import keras
from keras import layers


def save(name, *stack, loss, rate):
    keras.utils.set_random_seed(1)
    model = keras.Sequential(list(stack))
    model.compile(loss=loss, optimizer=keras.optimizers.SGD(rate))
    model.save(os.path.join(sys.argv[1] if len(sys.argv) > 1 else ".", name + ".keras"))


save("4_3_perceptron", layers.Input((2,)), layers.Dense(1, activation="sigmoid"), loss="binary_crossentropy", rate=0.1)
save(
    "4_3_iris",
    layers.Input((4,)),
    layers.Dense(12, activation="relu"),
    layers.Dense(3, activation="softmax"),
    loss="sparse_categorical_crossentropy",
    rate=0.01,
)
save(
    "4_3_rnn",
    layers.Input((8, 2)),
    layers.SimpleRNN(16, activation="relu", return_sequences=True),
    layers.Dense(1, activation="sigmoid"),
    loss="mse",
    rate=0.1,
)
