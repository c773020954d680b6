// Beside report.js on a page that is watched: asks now and then whether there is more, and draws the page anew.
(() => {
  const PAUSE = 3000;
  let stamp = '';
  const opened = () => new Set([...document.querySelectorAll('details[open] > summary')].map(summary => summary.textContent));
  const renew = async () => {
    const text = await (await fetch('page', {cache: 'no-store'})).text();
    const page = new DOMParser().parseFromString(text, 'text/html');
    const open = opened();
    document.querySelector('main').replaceWith(page.querySelector('main'));
    document.title = page.title;
    document.querySelectorAll('details').forEach(details => {
      if (open.has(details.querySelector('summary').textContent)) details.open = true;
    });
    window.lockstepReport();
  };
  const look = async () => {
    try {
      const now = await (await fetch('state', {cache: 'no-store'})).json();
      if (now.stamp !== stamp) await renew();
      stamp = now.stamp;
      if (now.over) return;
    } catch {
      document.title = 'not connected';
    }
    setTimeout(look, PAUSE);
  };
  look();
})();
