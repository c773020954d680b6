class JavaMLReadable:
    @classmethod
    def read(cls):
        """The name of the Java class, as pyspark's JavaMLReader makes it of the module's."""
        return cls.__module__.replace("pyspark", "org.apache.spark") + "." + cls.__name__


class JavaMLWritable:
    def write(self):
        self._transfer_params_to_java()
        return self._java_obj
