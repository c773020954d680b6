package dev.lockstep.driver.config;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a user means by a word that is not ours: a slip of the keyboard, or what Keras or PyTorch call it. */
final class Vocabulary {
    /** Of our keys, whole, or of a layer's attributes: what others call them, in one word without dashes. */
    static final Vocabulary KEYS = new Vocabulary("""
            name: runname experiment experimentname
            seed: randomstate randomseed manualseed rngseed
            data.path: dataset datadir dataroot root traindata trainpath
            data.format: dataformat datasettype
            data.validation-fraction: validationsplit valsplit valsize validsize valfraction
            data.sampling: shuffle replacement sampler
            data.augment: transform transforms augmentation augmentations dataaugmentation
            network.input: inputshape inputsize inputdim imagesize
            network.classes: numclasses nclasses numlabels
            network.layers: model layers architecture hiddenlayersizes modules
            network.weight-init: kernelinitializer initializer weightinitializer
            optimizer.name: optim solver updater
            optimizer.learning-rate: lr eta initlr baselr learningrateinit
            optimizer.schedule.type: lrschedule lrscheduler scheduler learningrateschedule learningratescheduler lrpolicy
            optimizer.schedule.warm-up: warmup warmupsteps numwarmupsteps warmupepochs
            optimizer.schedule.factor: gamma lrdecay
            optimizer.schedule.every: stepsize decaysteps
            optimizer.schedule.over: tmax
            optimizer.schedule.floor: etamin minlr
            optimizer.decay: rho alpha
            optimizer.epsilon: eps
            optimizer.clip-norm: clipnorm maxnorm maxgradnorm gradclip gradientclip gradientclipval clipgradnorm globalclipnorm
            optimizer.clip-value: clipvalue clipgradvalue
            regularization.l1: l1reg l1regularizer
            regularization.l2: weightdecay l2reg l2regularizer kernelregularizer
            train.epochs: numepochs nepochs nbepoch maxepochs numtrainepochs
            train.iterations: steps maxsteps numsteps niter numiterations maxiterations
            train.batch-size: batch minibatch minibatchsize globalbatchsize
            train.tasks: workers numworkers worldsize nprocpernode numexecutors devices
            train.exchange: backend distributionstrategy
            train.sync-every: averagingfrequency syncfrequency localsteps
            train.class-weights: classweight
            train.evaluate-every: evalevery evalsteps valcheckinterval validationfreq evaluationinterval
            train.checkpoint-every: saveevery savesteps savefreq saveinterval checkpointinterval
            train.histograms: histogramfreq histogramfrequency histogramevery
            train.early-stopping.patience: earlystop patience
            weight-init: kernelinitializer initializer weightinitializer
            weight-std: stddev initstd
            kernel: kernelsize filtersize poolsize windowsize
            stride: strides
            filters: outchannels numfilters nout
            units: outfeatures numunits hiddensize outputdim nout embeddingdim dimfeedforward
            vocabulary: numembeddings vocabsize inputdim
            heads: numheads nhead
            negatives: negative negativesamples numsampled
            tied: tieweights tiewordembeddings
            recurrent-dropout: dropoutu variationaldropout
            ratio: p rate droprate prob
            dilation: dilationrate
            activation: activationfn nonlinearity act
            function: activation activationfn nonlinearity
            decay: momentum
            epsilon: eps
            loss: criterion lossfn lossfunction objective
            repeat: times
            n: size localsize
            degrees: angle maxangle
            probability: p prob
            """);

    /** Of the values of our keys, likewise. */
    static final Vocabulary VALUES = new Vocabulary("""
            convolution: conv conv2d convolution2d convolutional
            dense: linear fc fullyconnected innerproduct affine
            max-pool: maxpool2d maxpooling maxpooling2d subsampling
            average-pool: avgpool avgpool2d averagepooling averagepooling2d meanpool
            global-average-pool: globalavgpool globalaveragepooling globalaveragepooling2d adaptiveavgpool2d
            batch-norm: batchnorm1d batchnorm2d batchnormalization bn
            layer-norm: layernormalization
            rnn: simplernn elman
            attention: multiheadattention selfattention
            last-step: lasttimestep
            repeat-last-step: repeatvector
            convolution-1d: conv1d convolution1d
            embedding: embeddingbag embeddinglayer wordembedding
            transformer-block: transformer transformerencoder transformerencoderlayer
            concat: concatenate concatenation merge cat join
            cross-attention: encoderdecoderattention crossattn
            additive-attention: bahdanau bahdanauattention
            decoder-block: transformerdecoder transformerdecoderlayer
            depthwise-convolution: depthwiseconv2d depthwiseconv depthwise
            dense-block: denseblock
            bidirectional: bilstm birnn bigru
            instance-norm: instancenorm2d instancenormalization
            local-response-norm: lrn localresponsenormalization
            dropout: dropout2d
            activation: relu leakyrelu sigmoid tanh softmax
            residual: add shortcut skip basicblock bottleneck resblock residualblock
            flatten: reshape view
            output: crossentropyloss classifier logits
            identity: linear none
            sigmoid: logistic
            step: heaviside steplr multisteplr stepdecay
            softmax: logsoftmax
            cross-entropy: crossentropyloss categoricalcrossentropy sparsecategoricalcrossentropy nll nllloss mcxent
            binary-cross-entropy: bce bceloss bcewithlogitsloss xent
            squared-error: mse mseloss meansquarederror l2loss
            absolute-error: mae l1loss meanabsoluteerror
            huber: huberloss smoothl1 smoothl1loss
            group-norm: groupnormalization
            he: kaiming kaimingnormal kaiminguniform henormal heuniform
            xavier: glorot glorotnormal glorotuniform xaviernormal xavieruniform
            gauss: normal gaussian randomnormal truncatednormal
            zeros: zero
            adam: amsgrad nadam adamax
            nesterov: nag nesterovs
            momentum: sgdmomentum
            exponential: exponentiallr exponentialdecay
            cosine: cosineannealing cosineannealinglr cosinedecay
            plateau: reducelronplateau
            idx: mnist fashionmnist
            cifar10: cifar
            gang: ddp allreduce gloo nccl
            with-replacement: random bootstrap
            epoch: shuffle
            buckets: bucketing bucketbylength groupbylength
            validation-loss: valloss
            validation-accuracy: valacc valaccuracy
            test-accuracy: testacc
            horizontal-flip: hflip randomhorizontalflip randomflip
            rotation: rotate randomrotation
            random-crop: crop
            erasing: cutout randomerasing
            """);

    private static final List<String> NO_SUCH_LAYER = List.of("conv3d", "convtranspose2d", "conv2dtranspose");

    /** A longer way is another word. */
    private static final int SLIP = 2;

    private final Map<String, List<String>> ours = new HashMap<>();

    private Vocabulary(String lines) {
        for (String line : lines.lines().toList()) {
            String[] words = line.split(":? ");
            for (String foreign : Arrays.asList(words).subList(1, words.length)) {
                ours.merge(foreign, List.of(words[0]), Vocabulary::joined);
            }
        }
    }

    private static List<String> joined(List<String> some, List<String> more) {
        return Stream.concat(some.stream(), more.stream()).toList();
    }

    /** All the words that this can answer with. */
    Set<String> ours() {
        return ours.values().stream().flatMap(List::stream).collect(Collectors.toSet());
    }

    /** Ours for another's word, where it is among the known ones. */
    private Optional<String> translated(String word, Collection<String> known) {
        return ours.getOrDefault(plain(word), List.of()).stream()
                .filter(known::contains)
                .findFirst();
    }

    private static String plain(String word) {
        return word.toLowerCase(Locale.ROOT).replaceAll("[-_ .]", "");
    }

    /** The known word that a slip of the keyboard makes of one; the shorter that is, the smaller the slip. */
    static Optional<String> nearest(String word, Collection<String> known) {
        int slip = Math.min(SLIP, (word.length() - 1) / 2);
        return known.stream()
                .filter(candidate -> EditDistance.between(candidate, word) <= slip)
                .min(Comparator.comparingInt(candidate -> EditDistance.between(candidate, word)));
    }

    /**
     * What to say of an unknown key.
     *
     * @param known the keys of its section, some of them with dots
     * @param prefix of the section in the whole configuration, with a dot behind it unless it is empty
     */
    static String unknownKey(String key, Collection<String> known, String prefix) {
        String last = last(key);
        Optional<String> ours = KEYS.translated(last, known);
        if (ours.isPresent()) {
            return "unknown key; here it is " + prefix + ours.get();
        }
        Optional<String> nearest = nearest(key, known).or(() -> known.stream()
                .filter(candidate -> plain(last(candidate)).equals(plain(last)))
                .findFirst());
        return "unknown key; "
                + nearest.map(near -> "the nearest known one is " + prefix + near)
                        .orElseGet(() -> "known are " + String.join(", ", beside(key, known)));
    }

    private static String last(String key) {
        return key.substring(key.lastIndexOf('.') + 1);
    }

    /** The names that could stand in the place of a key's last one; those of the first level where it stands nowhere. */
    private static List<String> beside(String key, Collection<String> known) {
        String parent = key.substring(0, key.lastIndexOf('.') + 1);
        String under = known.stream().anyMatch(candidate -> candidate.startsWith(parent)) ? parent : "";
        return known.stream()
                .filter(candidate -> candidate.startsWith(under))
                .map(candidate -> candidate.substring(under.length()).replaceAll("[.].*", ""))
                .distinct()
                .toList();
    }

    /** What to add to the message on a word that is none of the known ones; empty when there is nothing. */
    static String meant(String word, Collection<String> known) {
        String plain = plain(word);
        if (NO_SUCH_LAYER.contains(plain) && known.contains("convolution")) {
            return "; there is no such layer yet";
        }
        return known.stream()
                .filter(candidate -> plain(candidate).equals(plain))
                .findFirst()
                .or(() -> VALUES.translated(word, known))
                .map(ours -> "; here it is " + ours + (ours.equals("activation") ? ", with function = " + word : ""))
                .or(() -> nearest(word, known).map(near -> "; is it " + near + "?"))
                .orElse("");
    }
}
