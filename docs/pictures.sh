#!/usr/bin/env bash
# The README's pictures, of a run on the bundled images: what the terminal shows, and the top of the report in a browser.
# Needs chromium. With the folder of a run and a file of what it printed, those are taken instead: docs/pictures.sh RUN PRINTED
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
run=${1:-$work/first}
printed=${2:-$work/printed}
if (( $# == 0 )); then
    bin/lockstep train --conf lenet --out "$run" train.epochs=3 train.evaluate-every='30 iterations' | tee "$printed"
fi

shot() { # FILE PICTURE WIDTH HEIGHT
    chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --virtual-time-budget=3000 --user-data-dir="$work/profile" \
        --blink-settings=preferredColorScheme=1 --window-size="$3,$4" --screenshot="$PWD/docs/images/$2" "file://$(realpath "$1")" 2>/dev/null
}

terminal=$work/terminal.html
{
    echo '<meta charset="utf-8"><style>body { margin: 0; background: #14171a; color: #e6e9ec } pre { margin: 16px; font: 14px/1.45 monospace }
          b { color: #2fc497 }</style><pre>'
    echo "<b>\$</b> bin/lockstep train --conf lenet --out runs/first train.epochs=3"
    { head -n 6 "$printed"; echo '...'; tail -n 6 "$printed"; } |
        sed -e "s#$(realpath "$run")#runs/first#g" -e 's/&/\&amp;/g' -e 's/</\&lt;/g'
    echo '</pre>'
} > "$terminal"
shot "$terminal" terminal.png 900 330
shot "$run/report.html" report.png 1280 1180
