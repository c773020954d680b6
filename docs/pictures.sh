#!/usr/bin/env bash
# The documents' pictures, of runs on the bundled images: what the terminal shows, and pages in a browser. docs/pictures.sh [FOLDER]
# FOLDER keeps the runs; what is there already is not run again. Needs chromium. LOCKSTEP names another command than bin/lockstep.
set -euo pipefail
cd "$(dirname "$0")/.."

lockstep=${LOCKSTEP:-bin/lockstep}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
runs=$(realpath -m "${1:-$work/runs}")
mkdir -p "$runs"

[[ -e $runs/printed ]] ||
    "$lockstep" train --conf lenet --out "$runs/first" train.epochs=3 train.evaluate-every='30 iterations' | tee "$runs/printed"
[[ -e $runs/sweep ]] ||
    "$lockstep" sweep --conf mlp --out "$runs/sweep" train.epochs=2 \
        optimizer.name=momentum,rmsprop,adam optimizer.learning-rate=0.03,0.01,0.003,0.001 train.batch-size=32,128
[[ -e $runs/course ]] || "$lockstep" course 2_4_optimizer --out "$runs/course"
[[ -e $runs/compare ]] || "$lockstep" compare --out "$runs/compare" "$runs"/sweep/trials/00[1-4]

shot() { # FILE PICTURE WIDTH HEIGHT
    chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --virtual-time-budget=3000 --user-data-dir="$work/profile" \
        --blink-settings=preferredColorScheme=1 --window-size="$3,$4" --screenshot="$PWD/docs/images/$2" "file://$1" 2>/dev/null
}

# A page without what comes before a heading of its own.
from() { # FILE HEADING
    sed -e "s#<main>#<main><style>main > :not(.from):not(.from ~ *) { display: none }</style>#" \
        -e "s#<section><h2>$2#<section class=\"from\"><h2>$2#" "$1" > "$work/part.html"
}

terminal=$work/terminal.html
{
    echo '<meta charset="utf-8"><style>body { margin: 0; background: #14171a; color: #e6e9ec } pre { margin: 16px; font: 14px/1.45 monospace }
          b { color: #2fc497 }</style><pre>'
    echo "<b>\$</b> bin/lockstep train --conf lenet --out runs/first train.epochs=3"
    { head -n 6 "$runs/printed"; echo '...'; tail -n 6 "$runs/printed"; } |
        sed -e "s#$runs/first#runs/first#g" -e "s#\\(next: \\|^ \\+\\)[^ ]*lockstep#\\1bin/lockstep#" -e 's/&/\&amp;/g' -e 's/</\&lt;/g'
    echo '</pre>'
} > "$terminal"
shot "$terminal" terminal.png 900 330
shot "$runs/first/report.html" report.png 1280 1180
shot "$runs/compare/report.html" compare.png 1280 900
from "$runs/sweep/report.html" Values
shot "$work/part.html" sweep.png 1280 900
from "$runs/course/2_4_optimizer/report.html" "Ways down"
shot "$work/part.html" course.png 1280 390
