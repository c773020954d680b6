#!/usr/bin/env bash
# What smaller models lose, and what a teacher gives: bench/smaller-models.sh [distil] [prune] [int8] (all of them)
#   distil  students of a tenth of the teacher's parameters who see 1,000 images, alone and taught, 3 seeds each: test accuracies
#   prune   half of the teacher's weights made 0, then fine-tuned
#   int8    the teacher with a byte a weight: test accuracy, size of the file
# On the bundled images; the teacher is conf/lenet.conf, 431,080 parameters. LOCKSTEP names another command than bin/lockstep, MASTER
# another than local[*]; with FOLDER what is there already is not trained again.
set -euo pipefail

root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
lockstep=${LOCKSTEP:-$root/bin/lockstep}
folder=${FOLDER:-$(mktemp -d)}
[ -n "${FOLDER:-}" ] || trap 'rm -rf "$folder"' EXIT

train() { # name, arguments; says the test accuracy
    local run=$folder/$1
    shift
    [ -e "$run/model.zip" ] || "$lockstep" train --quiet --master "${MASTER:-local[*]}" --out "$run" "$@" >"$run.txt"
    sed -n 's/.*"test_accuracy" *: *\([0-9.]*\).*/\1/p' "$run/run.json"
}

teacher() {
    train teacher --conf lenet seed=1 train.epochs=10
}

distil() {
    echo "teacher $(teacher)"
    local student=(--conf mlp name=student data.train-limit="${EXAMPLES:-1000}" train.batch-size=50 train.epochs="${EPOCHS:-120}"
        train.evaluate-every="${EPOCHS:-120} epochs" 'network.input=[1,28,28]'
        'network.layers=[{type=dense,units=54,activation=relu},{type=output}]')
    for seed in 1 2 3; do
        local alone taught
        alone=$(train "alone-$seed" "${student[@]}" seed=$seed)
        taught=$(train "taught-$seed" "${student[@]}" seed=$seed train.teacher="$folder/teacher" train.teacher-weight="${WEIGHT:-0.9}" \
            train.temperature="${TEMPERATURE:-2}")
        echo "seed $seed: alone $alone, taught $taught, gain $(awk "BEGIN { printf \"%.4f\", $taught - $alone }")"
    done
}

prune() {
    echo "teacher $(teacher), half of its weights pruned and 3 epochs of fine-tuning: $(train pruned --conf lenet seed=1 train.epochs=3 \
        train.start-from="$folder/teacher" train.prune=0.5 optimizer.learning-rate=0.0003)"
}

int8() {
    teacher >/dev/null
    rm -f "$folder/int8.zip"
    "$lockstep" quantise --master "${MASTER:-local[*]}" --model "$folder/teacher" --out "$folder/int8.zip"
    stat -c '%s bytes %n' "$folder/teacher/model.zip" "$folder/int8.zip" | sed "s#$folder/##"
}

[ $# -gt 0 ] || set -- distil prune int8
for what; do "$what"; done
