"""A small stand-in for pyspark: as much of its base classes as the wrappers touch, written after pyspark 3.5."""

import functools


def keyword_only(func):
    @functools.wraps(func)
    def wrapper(self, *args, **kwargs):
        if args:
            raise TypeError(f"Method {func.__name__} forces keyword arguments.")
        self._input_kwargs = kwargs
        return func(self, **kwargs)

    return wrapper
