import copy
import uuid


class TypeConverters:
    @staticmethod
    def toInt(value):
        if isinstance(value, bool) or int(value) != value:
            raise TypeError(f"Could not convert {value} to int")
        return int(value)

    @staticmethod
    def toFloat(value):
        if isinstance(value, (bool, str)):
            raise TypeError(f"Could not convert {value} to float")
        return float(value)

    @staticmethod
    def toListFloat(value):
        return [TypeConverters.toFloat(each) for each in value]

    @staticmethod
    def toString(value):
        if not isinstance(value, str):
            raise TypeError(f"Could not convert {value} to string type")
        return value


class Param:
    def __init__(self, parent, name, doc, typeConverter=None):
        self.parent, self.name, self.doc = parent.uid, name, doc
        self.typeConverter = typeConverter

    def _copy_new_parent(self, parent):
        param = copy.copy(self)
        param.parent = parent.uid
        return param


class Params:
    def __init__(self):
        self.uid = f"{type(self).__name__}_{uuid.uuid4().hex[-12:]}"
        self._paramMap, self._defaultParamMap = {}, {}
        for name in dir(type(self)):
            attribute = getattr(type(self), name)
            if isinstance(attribute, Param):
                setattr(self, name, attribute._copy_new_parent(self))

    @staticmethod
    def _dummy():
        dummy = Params.__new__(Params)
        dummy.uid = "undefined"
        return dummy

    @property
    def params(self):
        return sorted((each for each in vars(self).values() if isinstance(each, Param)), key=lambda p: p.name)

    def isSet(self, param):
        return param in self._paramMap

    def getOrDefault(self, param):
        return self._paramMap[param] if param in self._paramMap else self._defaultParamMap[param]

    def _set(self, **kwargs):
        for name, value in kwargs.items():
            if value is not None:
                param = getattr(self, name)
                self._paramMap[param] = param.typeConverter(value)
        return self

    def _setDefault(self, **kwargs):
        for name, value in kwargs.items():
            param = getattr(self, name)
            self._defaultParamMap[param] = param.typeConverter(value)
        return self
