// Keeps the voting page up to date, and votes without reloading it. A vote is sent again until it is answered,
// because a class's wifi drops out.
'use strict';
(() => {
  const EVERY = 3000; // ms between two polls
  let vote = null;    // the option being sent
  let sending = 0;    // the timer until it is sent again

  const page = () => document.getElementById('predict');
  const text = id => document.getElementById(id)?.textContent ?? '';

  // Screen readers do not announce a live region that is replaced with the page, so this one stays.
  function announce(words) {
    const live = document.getElementById('announcer');
    if (live.textContent !== words) live.textContent = words;
  }

  // news returns what to announce when the page has changed: another question, or another phase of it.
  function news(was, is) {
    if (was.id === is.id && was.phase === is.phase) return '';
    const because = page().querySelector('.because')?.textContent ?? '';
    const right = page().querySelector('.option.right span')?.textContent ?? '';
    return [was.id === is.id ? '' : page().querySelector('h1').textContent, text('phase'), right, because].filter(Boolean).join(' ');
  }

  // counterpart finds the new page's element for the focused one: the same link, or the same option of the same question.
  // For another question it is the heading, so that a late key does not vote.
  function counterpart(focused, next, same) {
    if (focused.matches('a')) return next.querySelector(`a[href="${focused.getAttribute('href')}"]`);
    if (focused.matches('.option') && same) return next.querySelector(`.option[value="${focused.value}"]`);
    const heading = next.querySelector('h1');
    heading.tabIndex = -1;
    return heading;
  }

  function show(next) {
    const old = page();
    const was = { ...old.dataset }, is = next.dataset;
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    old.replaceWith(next);
    if (focused) counterpart(focused, next, was.id === is.id)?.focus({ preventScroll: true });
    const words = news(was, is);
    if (words) announce(words);
  }

  async function refresh() {
    try {
      const answer = await fetch(location.href, { headers: { Accept: 'text/html' }, signal: AbortSignal.timeout(4000) });
      if (!answer.ok) return;
      const next = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('predict');
      if (vote === null && next && page().innerHTML !== next.innerHTML) show(next);
    } catch { /* the next poll may succeed */ }
  }

  function again(words, ms) {
    document.getElementById('voted').textContent = words;
    announce(words);
    sending = setTimeout(send, ms);
  }

  async function send() {
    clearTimeout(sending);
    if (vote === null) return;
    const mine = vote;
    try {
      const answer = await fetch('/api/prediction/vote', {
        method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ option: mine }), signal: AbortSignal.timeout(5000),
      });
      if (vote !== mine) return send();
      const fault = answer.ok ? '' : (await answer.json()).error;
      const wait = Number(answer.headers.get('Retry-After'));
      if (wait) return again(fault, wait * 1000);
      vote = null;
      await refresh();
      if (fault) document.getElementById('voted').textContent = fault;
      announce(fault || text('voted'));
    } catch {
      again('Not sent yet: trying again.', 1000 + Math.random() * 1000);
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
    document.querySelector(`.option[value="${Number(e.key) - 1}"]:not([aria-disabled])`)?.click();
  });

  setInterval(() => { if (vote === null && !document.hidden) refresh(); }, EVERY + Math.random() * 1000);
  document.addEventListener('visibilitychange', () => { if (!document.hidden) refresh(); });
})();
