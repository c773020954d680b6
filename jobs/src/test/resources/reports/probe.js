// Looks at a report in a browser: what sticks out, what is cut and what lies over another is told to the page around it. With
// #walk in its address it first does what its reader would, moves over curves, drags and presses what can be pressed, and
// tells what does not answer as it should.
const errors = [];
const fails = [];
addEventListener('error', event => errors.push(event.message));
addEventListener('unhandledrejection', event => errors.push(String(event.reason)));
Element.prototype.setPointerCapture = () => {}; // a pointer that is made up cannot be captured

const expect = (what, holds) => { if (!holds && !fails.includes(what)) fails.push(what); };
const all = (selector, from = document) => [...from.querySelectorAll(selector)];
const curves = svg => all('path:not(.grid):not(.axis):not(.hair)', svg);
const drawn = svg => curves(svg).map(path => path.getAttribute('d')).join('|');
const words = svg => all('text.x', svg).map(text => text.textContent);
const pointer = (type, node, x, y, more = {}) => {
  const box = node.getBoundingClientRect();
  node.dispatchEvent(new PointerEvent(type, {clientX: box.left + box.width * x, clientY: box.top + box.height * y, bubbles: true,
    pointerId: 1, button: 0, ...more}));
};
const drag = (node, from, to, more) => {
  pointer('pointerdown', node, ...from, more);
  pointer('pointermove', node, ...to, more);
  pointer('pointerup', node, ...to, more);
};

const looksInto = figure => {
  const svg = figure.querySelector(':scope > svg'), tip = figure.querySelector('.tip');
  const button = text => all('.tools button', figure).find(each => each.textContent === text);
  pointer('pointermove', svg, 0.5, 0.3);
  expect('hover tells the step and a value', !tip.hidden && /^step [\d,]+/.test(tip.textContent) && tip.querySelector('b')?.textContent);
  expect('hover tells the epoch', !figure.dataset.epoch || / · epoch [\d.]+/.test(tip.textContent));
  expect('hover tells the time', !figure.dataset.clock || / · [\d.]+ (s|min|h)/.test(tip.textContent));
  const whole = words(svg).join();
  expect('there is nothing to go back from', button('all').hidden);
  drag(svg, [0.3, 0.3], [0.7, 0.3]);
  const zoomed = words(svg).join();
  expect('a drag zooms', zoomed !== whole && !button('all').hidden);
  const before = drawn(svg);
  drag(svg, [0.5, 0.3], [0.4, 0.3], {shiftKey: true});
  expect('a drag with shift pans', drawn(svg) !== before && !button('all').hidden);
  button('all').click();
  expect('all goes back', words(svg).join() === whole && button('all').hidden);
  const pressed = button('log').getAttribute('aria-pressed'), marks = all('text.y', svg).map(text => text.textContent).join();
  button('log').click();
  expect('log changes the axis', button('log').getAttribute('aria-pressed') !== pressed
    && all('text.y', svg).map(text => text.textContent).join() !== marks);
  button('log').click();
  button('values').click();
  expect('values are a table', all('.values tbody tr', figure).length > 0
    && figure.querySelector('.values thead th').textContent === 'step');
  for (const item of all('.legend li[role=button]', figure)) {
    const lines = curves(svg).length;
    item.click();
    expect('the legend switches lines off', curves(svg).length < lines && item.getAttribute('aria-pressed') === 'false');
    item.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter'}));
    expect('and on again', curves(svg).length === lines);
  }
};

const turns = charts => {
  const bar = charts.previousElementSibling, figures = all(':scope > figure', charts).filter(each => each.querySelector('.tools'));
  const select = bar.querySelector('select'), range = bar.querySelector('input');
  for (const option of [...select.options].reverse()) {
    select.value = option.value;
    select.dispatchEvent(new Event('change'));
    const named = {steps: /^steps$/, epochs: /^epochs$/, time: /^wall time, (seconds|minutes|hours)$/}[option.value];
    expect('across go ' + option.value, figures.every(figure => named.test(words(figure.querySelector('svg')).at(-1))));
  }
  if (range) {
    const now = () => figures.map(figure => drawn(figure.querySelector('svg'))).join();
    const before = now();
    range.value = 1;
    range.dispatchEvent(new Event('input'));
    expect('the range smooths', now() !== before);
    range.value = 0.2;
    range.dispatchEvent(new Event('input'));
  }
};

const sorts = button => {
  const head = button.parentElement;
  const cells = () => [...head.closest('table').tBodies[0].rows].map(row => row.cells[head.cellIndex]);
  const keys = () => cells().map(cell => cell.dataset.key ?? cell.textContent).filter(key => key !== '');
  for (const sign of [1, -1]) {
    button.click();
    const sorted = keys();
    expect('a click on a head sorts by it', sorted.every((key, i) => i === 0 || key === sorted[i - 1]
      || sign * (isNaN(key) || isNaN(sorted[i - 1]) ? sorted[i - 1].localeCompare(key) : sorted[i - 1] - key) <= 0));
  }
};

const brushes = svg => {
  const off = () => all('path.off', svg).length, lines = all('path[data-at]', svg).length;
  const x = (Number(svg.dataset.first) + Number(svg.dataset.gap)) / svg.viewBox.baseVal.width;
  drag(svg, [x, 0.05], [x, 0.3]);
  expect('a range of an axis chooses some lines', off() > 0 && off() < lines && all('.brush', svg).length === 1);
  drag(svg, [x, 0.5], [x, 0.5]);
  expect('a click lets all through again', off() === 0 && all('.brush', svg).length === 0);
};

/** Where text is, in pieces of a line each; what is scrolled or floats over the page is left out. */
const pieces = () => {
  const walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT), found = [];
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    if (!node.data.trim() || node.parentElement.closest('.scroll, .values, pre, svg, .tip, textarea')) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) found.push({text: node.data.trim(), box});
  }
  return found;
};
const over = list => {
  const found = [];
  list = list.filter(({box}) => box.width > 0).sort((a, b) => a.box.top - b.box.top);
  list.forEach(({text, box}, i) => {
    for (let j = i + 1; j < list.length && list[j].box.top < box.bottom - 4; j++) {
      const other = list[j].box;
      if (Math.min(box.right, other.right) - Math.max(box.left, other.left) > 1.5 && Math.min(box.bottom, other.bottom) - other.top > 4) {
        found.push(text.slice(0, 40) + ' / ' + list[j].text.slice(0, 40));
      }
    }
  });
  return found;
};
const cut = svg => {
  const shown = getComputedStyle(svg).overflow === 'visible' ? svg.closest('figure, section') : svg;
  const frame = shown.getBoundingClientRect();
  return all('text', svg).filter(text => text.textContent).map(text => ({text: text.textContent, box: text.getBoundingClientRect()}))
    .filter(({box}) => box.width > 0 && (box.left < frame.left - 2 || box.right > frame.right + 2 || box.bottom > frame.bottom + 3))
    .map(({text}) => text);
};

addEventListener('load', async () => {
  const scripted = window.lockstepReport !== undefined;
  try {
    all('details').forEach(details => { details.open = true; });
    if (location.hash === '#walk') {
      expect('it has its script', scripted);
      all('.charts').forEach(charts => all(':scope > figure:has(.tools)', charts).slice(0, 2).forEach(looksInto));
      all('.charts').filter(charts => charts.querySelector('.tools')).forEach(turns);
      all('table.sortable th button').forEach(sorts);
      all('svg.parallel').forEach(brushes);
      const copy = document.querySelector('button.copy');
      copy?.click();
      await new Promise(done => setTimeout(done, 50));
      expect('what is long can be copied', !copy || copy.textContent === 'copied');
    }
  } catch (error) { errors.push(String(error.stack)); }
  const wide = document.documentElement.clientWidth;
  const inside = node => node.closest('.scroll, .values, pre, svg svg, .tip') !== null;
  const out = all('main *').filter(node => !inside(node.parentElement) && node.getBoundingClientRect().width > 0
    && node.getBoundingClientRect().right > wide + 1);
  const svgs = all('main svg');
  parent.postMessage(JSON.stringify({wide, scripted, errors, fails,
    page: document.documentElement.scrollWidth,
    dark: matchMedia('(prefers-color-scheme: dark)').matches,
    out: out.map(node => node.tagName + '.' + node.getAttribute('class')).slice(0, 5),
    over: [...over(pieces()), ...svgs.flatMap(svg => over(all('text', svg).filter(text => text.textContent)
      .map(text => ({text: text.textContent, box: text.getBoundingClientRect()}))))].slice(0, 5),
    cut: svgs.flatMap(cut).slice(0, 5),
    scrolls: all('.scroll').filter(each => each.scrollWidth > each.clientWidth + 1).map(each => each.getAttribute('aria-label')),
    curves: all('.charts svg path[d^=M]').length,
    shapes: all('main svg rect, main svg circle, .squares svg path[d^=M]').length,
  }), '*');
});
