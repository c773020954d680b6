// Beside report.js on a page that is watched: asks now and then whether there is more, and draws the page anew. That is painted,
// too, and so comes rarely; on a page that nobody sees it waits, but for the last one.
(() => {
  const PAUSE = 4000, RARELY = 250;
  let stamp = '', notBefore = 0, title = document.title;
  const opened = () => new Set([...document.querySelectorAll('details[open] > summary')].map(summary => summary.textContent));
  const ask = async what => {
    const answer = await fetch(what, {cache: 'no-store'});
    if (!answer.ok) throw new Error(answer.status);
    return answer;
  };
  const renew = async () => {
    const text = await (await ask('page')).text();
    const began = performance.now();
    const page = new DOMParser().parseFromString(text, 'text/html');
    const open = opened();
    document.querySelector('main').replaceWith(page.querySelector('main'));
    title = page.title;
    document.querySelectorAll('details').forEach(details => {
      if (open.has(details.querySelector('summary').textContent)) details.open = true;
    });
    window.lockstepReport();
    document.body.getBoundingClientRect(); // lays it out
    notBefore = performance.now() + RARELY * (performance.now() - began);
  };
  const look = async () => {
    try {
      const now = await (await ask('state')).json();
      const due = !document.hidden && performance.now() >= notBefore;
      if (now.over || now.stamp !== stamp && due) {
        await renew();
        stamp = now.stamp;
      }
      document.title = title;
      if (now.over) return;
    } catch {
      document.title = 'not connected';
    }
    setTimeout(look, PAUSE);
  };
  look();
})();
