// Keeps the page to vote up to date, and votes without loading it again. A vote that did not arrive is sent again
// until it is answered: the wifi of a class drops.
'use strict';
(() => {
  const EVERY = 3000; // ms between two looks
  let vote = null;    // the option that is on its way

  const page = () => document.getElementById('predict');

  async function refresh() {
    try {
      const answer = await fetch(location.href, { headers: { Accept: 'text/html' }, signal: AbortSignal.timeout(4000) });
      if (!answer.ok) return;
      const next = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('predict');
      const old = page();
      if (!next || old.innerHTML === next.innerHTML) return;
      const focused = document.activeElement?.closest('.option')?.value;
      old.replaceWith(next);
      if (focused !== undefined) next.querySelector(`.option[value="${focused}"]:not([disabled])`)?.focus();
    } catch { /* the next look may succeed */ }
  }

  async function send() {
    if (vote === null) return;
    const mine = vote;
    try {
      const answer = await fetch('/api/prediction/vote', {
        method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ option: mine }), signal: AbortSignal.timeout(5000),
      });
      if (vote !== mine) return send();
      vote = null;
      const text = answer.ok ? '' : (await answer.json()).error;
      await refresh();
      if (text) document.getElementById('voted').textContent = text;
    } catch {
      document.getElementById('voted').textContent = 'Not sent yet: trying again.';
      setTimeout(send, 1000 + Math.random() * 1000);
    }
  }

  document.addEventListener('submit', e => {
    const button = e.submitter;
    if (!button?.classList.contains('option')) return;
    e.preventDefault();
    vote = Number(button.value);
    for (const b of document.querySelectorAll('.option')) {
      b.classList.toggle('mine', b === button);
      b.setAttribute('aria-pressed', String(b === button));
    }
    send();
  });

  // 1 to 5 choose an option.
  document.addEventListener('keydown', e => {
    if (e.ctrlKey || e.altKey || e.metaKey || e.repeat) return;
    document.querySelector(`.option[value="${Number(e.key) - 1}"]:not([disabled])`)?.click();
  });

  setInterval(() => { if (vote === null && !document.hidden) refresh(); }, EVERY + Math.random() * 1000);
  document.addEventListener('visibilitychange', () => { if (!document.hidden) refresh(); });
})();
