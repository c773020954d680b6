// What a report can do beyond lying there: charts to look into, tables to sort, hashes to copy. A page without it shows all
// that matters, too. A chart's values are in its paths: data-v holds "step,value ...", where they were thinned data-m holds
// the means "step,mean ...", data-clock "step,seconds ..." and data-epoch the steps of an epoch, of the figure or of one line.
'use strict';
(() => {
  const LEFT = 54, RIGHT = 466, TOP = 10, BOTTOM = 230, WIDTH = 480, HEIGHT = 270;
  const FAINT_BESIDE = 8; // more lines than that, and the unsmoothed ones would hide them
  const X = {steps: 'steps', epochs: 'epochs', time: 'wall time'};
  const TIMES = [['hours', 3600], ['minutes', 60], ['seconds', 1]];
  /** What the reader chose, by chart and group: it outlives a page that is drawn anew. */
  const chosen = new Map();

  const element = (tag, attributes = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith('on')) made[name] = value; else made.setAttribute(name, value);
    }
    made.append(...children);
    return made;
  };
  const shape = (tag, attributes, text) => {
    const made = document.createElementNS(document.querySelector('svg').namespaceURI, tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const pairs = text => text ? text.split(' ').map(pair => pair.split(',').map(Number)) : [];

  const brief = (value, digits = 4) => {
    if (!Number.isFinite(value)) return '–';
    if (value === 0) return '0';
    const size = Math.abs(value);
    if (size < 1e-4 || size >= 1e9) return value.toExponential(digits - 1).replace(/\.?0+e/, 'e').replace('e+', 'e');
    const unit = size >= 1e6 ? [1e6, 'M'] : size >= 1e4 ? [1e3, 'k'] : [1, ''];
    return String(Number((value / unit[0]).toPrecision(digits))) + unit[1];
  };
  const duration = seconds => seconds < 60 ? seconds.toFixed(1) + ' s'
    : seconds < 3600 ? Math.floor(seconds / 60) + ' min ' + String(Math.floor(seconds % 60)).padStart(2, '0') + ' s'
    : Math.floor(seconds / 3600) + ' h ' + String(Math.floor(seconds / 60 % 60)).padStart(2, '0') + ' min';

  /** The place of the first point whose x is not below. */
  const first = (points, x) => {
    let low = 0, high = points.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (points[middle][0] < x) low = middle + 1; else high = middle;
    }
    return low;
  };
  const between = (points, x) => {
    const at = first(points, x);
    if (at === 0 || at === points.length) return points[Math.min(at, points.length - 1)][1];
    const [x0, y0] = points[at - 1], [x1, y1] = points[at];
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0);
  };

  /** An average of neighbours on both sides whose weight falls by e in so many points. */
  const smooth = (points, window) => {
    const forget = list => {
      const keep = Math.exp(-1 / window);
      let sum = 0, weight = 0;
      return list.map(([x, y]) => {
        if (!Number.isFinite(y)) return [x, y];
        sum = keep * sum + (1 - keep) * y;
        weight = keep * weight + (1 - keep);
        return [x, sum / weight];
      });
    };
    return window > 0 ? forget(forget(points).reverse()).reverse() : points;
  };

  const roundUp = value => {
    const power = 10 ** Math.floor(Math.log10(value) + 1e-9);
    return [1, 2, 5, 10].map(digit => digit * power).find(round => round >= value * (1 - 1e-9));
  };
  const multiples = (low, high, step) => {
    const marks = [];
    for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) marks.push(i * step);
    return marks;
  };
  const linear = (low, high, open) => {
    if (!(high > low)) [low, high] = [low - (Math.abs(low) / 2 || 1), high + (Math.abs(high) / 2 || 1)];
    const step = roundUp((high - low) / 6);
    if (!open) [low, high] = [step * Math.floor(low / step + 1e-9), step * Math.ceil(high / step - 1e-9)];
    return {low, high, marks: multiples(low, high, step), at: value => (value - low) / (high - low),
      value: share => low + share * (high - low)};
  };
  const logarithmic = (low, high) => {
    if (!(high > low)) [low, high] = [low / 2, high * 2];
    const decades = Math.log10(high / low), every = Math.ceil(decades / 7), marks = [];
    for (let exponent = Math.floor(Math.log10(low)); exponent <= Math.ceil(Math.log10(high)); exponent++) {
      for (const digit of [1, 2, 5]) {
        const mark = Number(digit + 'e' + exponent);
        const marked = decades <= 2 || digit === 1 && exponent % every === 0;
        if (marked && mark >= low * (1 - 1e-9) && mark <= high * (1 + 1e-9)) marks.push(mark);
      }
    }
    return {low, high, marks, at: value => Math.log(value / low) / Math.log(high / low)};
  };

  class Plot {
    constructor(figure, group, heading) {
      this.figure = figure;
      this.group = group;
      this.svg = figure.querySelector(':scope > svg');
      this.title = figure.querySelector('figcaption').firstChild.textContent.trim();
      this.key = heading + '/' + this.title;
      this.lines = [...this.svg.querySelectorAll('path[data-v]')].map(path => ({
        name: path.dataset.name,
        look: path.getAttribute('class').replace(' faint', ''),
        faint: path.dataset.style === 'faint',
        dots: path.dataset.style === 'dots',
        noisy: path.dataset.style === 'noisy',
        points: pairs(path.dataset.v),
        means: pairs(path.dataset.m),
        clock: pairs(path.dataset.clock ?? figure.dataset.clock),
        epoch: Number(path.dataset.epoch ?? figure.dataset.epoch ?? 0),
      }));
      this.svg.setAttribute('aria-label', this.title + ': ' + this.svg.querySelector('desc').textContent);
      this.tip = element('div', {class: 'tip', hidden: ''});
      figure.append(this.tip);
      this.state = chosen.get(this.key) ?? {log: figure.dataset.log !== undefined, off: new Set(), zoom: null, table: false};
      chosen.set(this.key, this.state);
      this.buttons();
      this.legend();
      this.pointer();
    }

    buttons() {
      const button = (text, title, press) => element('button', {type: 'button', title, onclick: () => { press(); this.draw(); }}, text);
      this.log = button('log', 'equal steps of the axis are equal factors', () => { this.state.log = !this.state.log; });
      this.back = button('all', 'the whole curve again (or double-click)', () => { this.state.zoom = null; });
      this.values = button('values', 'the values as a table', () => { this.state.table = !this.state.table; });
      this.figure.querySelector('figcaption').append(element('span', {class: 'tools'}, this.back, this.log, this.values));
    }

    legend() {
      for (const item of this.figure.querySelectorAll('.legend li[data-of]')) {
        const name = item.dataset.of;
        const turn = () => {
          if (!this.state.off.delete(name)) this.state.off.add(name);
          item.setAttribute('aria-pressed', String(!this.state.off.has(name)));
          this.draw();
        };
        item.setAttribute('role', 'button');
        item.setAttribute('tabindex', '0');
        item.setAttribute('title', 'show or hide');
        item.setAttribute('aria-pressed', String(!this.state.off.has(name)));
        item.onclick = turn;
        item.onkeydown = event => { if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); turn(); } };
      }
    }

    /** A point's place on the axis that the group has chosen; NaN when the line knows none. */
    x(line, step) {
      if (this.group.axis === 'epochs') return line.epoch > 0 ? step / line.epoch : NaN;
      if (this.group.axis === 'time') return line.clock.length ? between(line.clock, step) : NaN;
      return step;
    }

    draw() {
      const kept = [...this.svg.children].filter(child => child.tagName === 'desc');
      this.svg.replaceChildren(...kept);
      const shown = this.lines.filter(line => !line.name || !this.state.off.has(line.name));
      this.curves = [];
      for (const line of shown) {
        const at = list => list.map(([step, y]) => [this.x(line, step), y, step]).filter(point => Number.isFinite(point[0]));
        const from = line.means.length ? line.means : line.points;
        const window = line.noisy ? this.group.smoothing ** 2 * 0.2 * from.length : 0;
        if (line.noisy && window >= 0.5) {
          if (shown.length <= FAINT_BESIDE) this.curves.push({line, points: at(line.points), faint: true});
          this.curves.push({line, points: at(smooth(from, window)), named: true});
        } else {
          this.curves.push({line, points: at(line.points), faint: line.faint, named: Boolean(line.name)});
        }
      }
      const xs = this.curves.flatMap(curve => curve.points.length ? [curve.points[0][0], curve.points.at(-1)[0]] : []);
      let [low, high] = this.state.zoom ?? [Math.min(...xs), Math.max(...xs)];
      if (!Number.isFinite(low)) [low, high] = [0, 1];
      this.across = linear(low, high, true);
      this.unit = this.group.axis !== 'time' ? [X[this.group.axis], 1] : TIMES.find(([, size]) => high - low >= 2 * size || size === 1);
      this.marks = linear(low / this.unit[1], high / this.unit[1], true).marks;
      let least = Infinity, most = -Infinity;
      for (const {points} of this.curves) {
        for (const [x, y] of points) {
          if (x >= low && x <= high && Number.isFinite(y) && Math.abs(y) < 1e100 && (!this.state.log || y > 1e-100)) {
            least = Math.min(least, y);
            most = Math.max(most, y);
          }
        }
      }
      if (least > most) [least, most] = this.state.log ? [1, 10] : [0, 1];
      if (!this.state.log && !this.state.zoom && least > 0 && this.figure.dataset.zero !== undefined) least = 0;
      this.up = this.state.log ? logarithmic(least, most) : linear(least, most);
      this.frame();
      for (const curve of this.curves) this.curve(curve);
      this.hair = shape('path', {class: 'hair', d: ''});
      this.svg.append(this.hair);
      this.log.setAttribute('aria-pressed', String(this.state.log));
      this.values.setAttribute('aria-pressed', String(this.state.table));
      this.back.hidden = !this.state.zoom;
      this.table();
    }

    px(x) { return LEFT + (RIGHT - LEFT) * this.across.at(x); }
    py(y) { return BOTTOM - (BOTTOM - TOP) * this.up.at(y); }

    frame() {
      const [unit, size] = this.unit;
      for (const mark of this.up.marks) {
        const y = this.py(mark).toFixed(1);
        this.svg.append(shape('path', {class: 'grid', d: `M${LEFT},${y}H${RIGHT}`}),
          shape('text', {class: 'y', x: LEFT - 6, y, 'dominant-baseline': 'central'}, brief(mark, 6)));
      }
      for (const mark of this.marks) {
        const x = this.px(mark * size).toFixed(1);
        this.svg.append(shape('path', {class: 'grid', d: `M${x},${TOP}V${BOTTOM}`}),
          shape('text', {class: 'x', x, y: BOTTOM + 16}, brief(mark, 6)));
      }
      this.svg.append(shape('path', {class: 'axis', d: `M${LEFT},${BOTTOM}H${RIGHT}`}),
        shape('text', {class: 'x', x: (LEFT + RIGHT) / 2, y: HEIGHT - 6}, size === 1 && unit !== 'seconds' ? unit : 'wall time, ' + unit));
    }

    curve({line, points, faint}) {
      const look = line.look + (faint ? ' faint' : '');
      let path = '', drawing = false;
      const inside = points.filter(([x]) => x >= this.across.low && x <= this.across.high);
      for (const [x, y] of inside) {
        const shows = Number.isFinite(y) && Math.abs(y) < 1e100 && (!this.state.log || y > 1e-100);
        if (shows) {
          const at = this.px(x).toFixed(1) + ',' + this.py(y).toFixed(1);
          path += drawing ? 'L' + at : 'M' + at + 'h0';
        }
        drawing = shows;
      }
      this.svg.append(shape('path', {class: look, d: path}));
      if (line.dots && inside.length <= 100) {
        for (const [x, y] of inside) {
          if (Number.isFinite(y) && (!this.state.log || y > 0)) {
            this.svg.append(shape('circle', {class: line.look, cx: this.px(x).toFixed(1), cy: this.py(y).toFixed(1), r: 3}));
          }
        }
      }
    }

    pointer() {
      const place = event => {
        const box = this.svg.getBoundingClientRect();
        const share = ((event.clientX - box.left) / box.width * WIDTH - LEFT) / (RIGHT - LEFT);
        return this.across.value(Math.max(0, Math.min(1, share)));
      };
      let from = null, panned = null;
      this.svg.onpointermove = event => {
        if (panned) {
          const moved = place(event) - panned.at;
          this.state.zoom = [panned.zoom[0] - moved, panned.zoom[1] - moved];
          this.draw();
          panned.zoom = this.state.zoom;
          return;
        }
        this.hover(place(event), event, from);
      };
      this.svg.onpointerleave = () => { this.tip.hidden = true; this.hair.setAttribute('d', ''); };
      this.svg.onpointerdown = event => {
        if (event.button !== 0 || event.pointerType === 'touch') return;
        event.preventDefault();
        this.svg.setPointerCapture(event.pointerId);
        if (event.shiftKey && this.state.zoom) panned = {at: place(event), zoom: this.state.zoom}; else from = place(event);
      };
      this.svg.onpointerup = event => {
        if (from !== null) {
          const range = [from, place(event)].sort((a, b) => a - b);
          if (this.px(range[1]) - this.px(range[0]) > 8) { this.state.zoom = range; this.draw(); }
        }
        from = panned = null;
      };
      this.svg.ondblclick = () => { this.state.zoom = null; this.draw(); };
    }

    hover(x, event, from) {
      const near = [];
      for (const {line, points, named} of this.curves) {
        if (!named || !points.length) continue;
        let at = Math.min(first(points, x), points.length - 1);
        if (at > 0 && Math.abs(points[at - 1][0] - x) < Math.abs(points[at][0] - x)) at--;
        near.push({line, point: points[at]});
      }
      if (!near.length) return;
      const nearest = near.reduce((a, b) => Math.abs(a.point[0] - x) <= Math.abs(b.point[0] - x) ? a : b);
      const step = nearest.point[2], words = ['step ' + Math.round(step).toLocaleString('en')];
      if (nearest.line.epoch > 0) words.push('epoch ' + brief(step / nearest.line.epoch));
      if (nearest.line.clock.length) words.push(duration(between(nearest.line.clock, step)));
      const rows = near.slice(0, 12).map(({line, point}) => element('div', {},
        element('span', {class: 'swatch ' + line.look}), line.name + ' ', element('b', {}, brief(point[1], 5)),
        point[2] === step ? '' : ' at ' + Math.round(point[2]).toLocaleString('en')));
      this.tip.replaceChildren(element('small', {}, words.join(' · ')), ...rows);
      this.tip.hidden = false;
      const box = this.svg.getBoundingClientRect(), outer = this.figure.getBoundingClientRect();
      const left = event.clientX - outer.left, wide = this.tip.offsetWidth;
      this.tip.style.left = Math.max(0, Math.min(outer.width - wide, left + (left > outer.width / 2 ? -wide - 12 : 12))) + 'px';
      this.tip.style.top = box.top - outer.top + 8 + 'px';
      const at = this.px(nearest.point[0]).toFixed(1);
      this.hair.setAttribute('d', `M${at},${TOP}V${BOTTOM}`
        + (from === null ? '' : `M${this.px(from).toFixed(1)},${TOP}V${BOTTOM}H${this.px(x).toFixed(1)}V${TOP}Z`));
    }

    table() {
      this.figure.querySelector('.values')?.remove();
      if (!this.state.table) return;
      const lines = this.lines.filter(line => line.name), rows = new Map();
      lines.forEach((line, i) => line.points.forEach(([step, y]) => {
        if (!rows.has(step)) rows.set(step, Array(lines.length).fill(''));
        rows.get(step)[i] = Number.isFinite(y) ? String(y) : '–';
      }));
      const head = element('tr', {}, element('th', {scope: 'col'}, 'step'), ...lines.map(line => element('th', {scope: 'col'}, line.name)));
      const body = element('tbody', {}, ...[...rows.entries()].sort((a, b) => a[0] - b[0]).map(([step, values]) =>
        element('tr', {}, element('th', {scope: 'row'}, String(step)), ...values.map(value => element('td', {}, value)))));
      const thinned = lines.some(line => line.means.length);
      this.figure.append(element('div', {class: 'values', tabindex: '0', role: 'region', 'aria-label': this.title + ', values'},
        thinned ? element('small', {}, 'the least and the greatest of equally many steps; all are in metrics.jsonl') : '',
        element('table', {}, element('thead', {}, head), body)));
    }
  }

  const group = charts => {
    const figures = [...charts.querySelectorAll(':scope > figure')].filter(figure => figure.querySelector('path[data-v]'));
    if (!figures.length) return;
    const key = charts.closest('section')?.querySelector('h2')?.textContent ?? '';
    const state = chosen.get(key) ?? {axis: 'steps', smoothing: Math.sqrt(0.05)};
    chosen.set(key, state);
    const plots = figures.map(figure => new Plot(figure, state, key));
    const draw = () => plots.forEach(plot => { plot.state.zoom = null; plot.draw(); });
    const lines = plots.flatMap(plot => plot.lines);
    const axes = Object.keys(X).filter(axis => axis === 'steps'
      || lines.some(axis === 'epochs' ? line => line.epoch > 0 : line => line.clock.length));
    if (!axes.includes(state.axis)) state.axis = 'steps';
    const bar = element('div', {class: 'toolbar'});
    const select = element('select', {onchange: () => { state.axis = select.value; draw(); }},
      ...axes.map(axis => element('option', {value: axis}, X[axis])));
    select.value = state.axis;
    bar.append(element('label', {}, 'across ', select));
    if (lines.some(line => line.noisy)) {
      const range = element('input', {type: 'range', min: 0, max: 1, step: 0.01,
        oninput: () => { state.smoothing = Number(range.value); plots.forEach(plot => plot.draw()); }});
      range.value = state.smoothing;
      bar.append(element('label', {}, 'smoothing ', range));
    }
    bar.append(element('small', {}, 'drag to zoom, shift-drag to pan, names switch lines'));
    charts.before(bar);
    plots.forEach(plot => plot.draw());
  };

  /** A click on a column's head sorts by it: numbers as numbers; cells without a value stay last. */
  const sortable = button => {
    button.onclick = () => {
      const head = button.parentElement, column = head.cellIndex, body = head.closest('table').tBodies[0];
      const sign = head.ariaSort === 'ascending' ? -1 : 1;
      for (const other of head.parentElement.cells) other.ariaSort = other === head ? (sign > 0 ? 'ascending' : 'descending') : 'none';
      const key = row => row.cells[column].dataset.key ?? row.cells[column].textContent;
      const order = (a, b) => a === '' || b === '' ? (a === '') - (b === '')
        : sign * (isNaN(a) || isNaN(b) ? a.localeCompare(b) : a - b);
      body.append(...[...body.rows].sort((a, b) => order(key(a), key(b))));
    };
  };

  const copied = async text => {
    try {
      await navigator.clipboard.writeText(text);
    } catch { // an old browser, or one that lets no file's page do it
      const area = element('textarea', {});
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand('copy');
      area.remove();
    }
  };
  const copyable = code => {
    const button = element('button', {type: 'button', class: 'copy', title: 'copy ' + code.dataset.copy}, 'copy');
    button.onclick = async () => {
      await copied(code.dataset.copy);
      button.textContent = 'copied';
      setTimeout(() => { button.textContent = 'copy'; }, 1500);
    };
    code.after(' ', button);
  };

  /** Lines of trials through upright axes: a range dragged along an axis leaves those that pass it, a click takes it away. */
  const parallel = svg => {
    const firstAxis = Number(svg.dataset.first), gap = Number(svg.dataset.gap);
    const lines = [...svg.querySelectorAll('path[data-at]')].map(path => ({path, at: pairs(path.dataset.at)}));
    const axes = lines[0].at.length, ranges = new Map();
    const place = event => {
      const box = svg.getBoundingClientRect(), scale = svg.viewBox.baseVal.width / box.width;
      return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
    };
    const choose = () => lines.forEach(({path, at}) => path.classList.toggle('off',
      [...ranges].some(([axis, {low, high}]) => at[axis][1] < low || at[axis][1] > high)));
    let now = null;
    const clear = axis => { ranges.get(axis)?.mark.remove(); ranges.delete(axis); };
    svg.onpointerdown = event => {
      const [x, y] = place(event), axis = Math.round((x - firstAxis) / gap);
      if (axis < 0 || axis >= axes || Math.abs(x - firstAxis - axis * gap) > 30) return;
      event.preventDefault();
      svg.setPointerCapture(event.pointerId);
      clear(axis);
      now = {axis, from: y};
      choose();
    };
    svg.onpointermove = event => {
      if (!now) return;
      const y = place(event)[1], low = Math.min(now.from, y), high = Math.max(now.from, y);
      clear(now.axis);
      if (high - low > 3) {
        const mark = shape('rect', {class: 'brush', x: firstAxis + now.axis * gap - 6, y: low, width: 12, height: high - low});
        svg.append(mark);
        ranges.set(now.axis, {low, high, mark});
      }
      choose();
    };
    svg.onpointerup = () => { now = null; };
  };

  const begin = () => {
    document.querySelectorAll('.charts').forEach(group);
    document.querySelectorAll('svg.parallel').forEach(parallel);
    document.querySelectorAll('table.sortable th button').forEach(sortable);
    document.querySelectorAll('[data-copy]').forEach(copyable);
  };
  begin();
  window.lockstepReport = begin;
})();
