package dev.lockstep.worker.dl4j.onnx;

import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.onnx.OnnxLayer;
import dev.lockstep.worker.onnx.OnnxSteps;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeFeedForward;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeRecurrent;

/**
 * Where a layer or a vertex stands in a network that is exported.
 *
 * @param who names it in messages
 * @param onnx where its operators are put
 * @param mask the value that says where sequences have steps; null where there is no time
 */
record Place(String who, OnnxLayer onnx, String mask) {

    /** To be thrown where it cannot be exported. */
    ConfigurationException refusal(String why) {
        return new ConfigurationException(who + " cannot be written as ONNX: " + why);
    }

    /** Where the operators of a layer of sequences are put. */
    OnnxSteps steps() {
        return new OnnxSteps(onnx, mask);
    }

    void requireChannelsFirst(CNN2DFormat format) {
        if (format != CNN2DFormat.NCHW) {
            throw refusal("its images lie as " + format + "; expected NCHW");
        }
    }

    Shape shape(InputType type) {
        if (type instanceof InputTypeConvolutional image) {
            requireChannelsFirst(image.getFormat());
            return new Shape((int) image.getChannels(), (int) image.getHeight(), (int) image.getWidth());
        }
        if (type instanceof InputTypeFeedForward vector) {
            return Shape.vector((int) vector.getSize());
        }
        if (type instanceof InputTypeRecurrent sequence) {
            return Shape.sequence((int) sequence.getSize());
        }
        throw refusal("no form is known for values of the type " + type.getType());
    }
}
