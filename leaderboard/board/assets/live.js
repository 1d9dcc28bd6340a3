// Keeps a page up to date from its event stream. Each part arrives as HTML, and is merged into the one in the
// page: unchanged nodes stay.
'use strict';
(() => {
  const body = document.body;
  const disconnected = document.getElementById('disconnected');
  const announcer = document.getElementById('announcer');
  const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');
  const isBoard = body.classList.contains('board');
  const { clock } = workshop;
  let complete = false; // the page is complete: later changes are animated

  // The leaderboard's clock relative to this one: a projector's laptop may be minutes off.
  let ahead = Number(body.dataset.now) - Date.now();

  const write = (e, text) => { if (e.textContent !== text) e.textContent = text; };
  const two = n => String(n).padStart(2, '0');

  // count shows how long something has lasted, and the time left in a step.
  const count = root => {
    const now = Date.now() + ahead;
    for (const e of root.querySelectorAll('.age[data-since]')) {
      const s = Math.max(0, Math.floor((now - Date.parse(e.dataset.since)) / 1000));
      write(e, String(s < 100 ? s : Math.floor(s / 60)));
      e.dataset.unit = s < 100 ? 's' : 'm';
    }
    for (const e of root.querySelectorAll('[data-ends]')) {
      const s = Math.ceil((Date.parse(e.dataset.ends) - now) / 1000), over = s < 0, n = Math.abs(s);
      write(e, (over ? '+' : '') + two(Math.floor(n / 60)) + ':' + two(n % 60));
      e.classList.toggle('over', over);
    }
  };
  setInterval(() => count(document), 200);

  // localise shows times in the viewer's time zone.
  const localise = root => {
    for (const t of root.querySelectorAll('time[datetime]')) t.textContent = clock(t.dateTime);
    count(root);
    for (const t of root.querySelectorAll('text[data-at]')) t.textContent = workshop.axisTime?.(t); // from strip.js, which the guide does not load
  };

  // tell notifies the page's other scripts of what has changed.
  const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));

  const parse = html => {
    const t = document.createElement('template');
    t.innerHTML = html;
    localise(t.content);
    return t.content.firstElementChild;
  };

  const keyOf = n => n.nodeType === 1 ? n.id || n.dataset.key || '' : '';

  // morph turns an element of the page into another one, keeping nodes with the same key.
  function morph(old, next) {
    if (old.id === 'theme') return; // belongs to theme.js
    for (const { name } of [...old.attributes]) {
      if (!next.hasAttribute(name) && !(name === 'open' && old.nodeName === 'DETAILS')) old.removeAttribute(name);
    }
    for (const { name, value } of next.attributes) {
      if (old.getAttribute(name) === value) continue;
      old.setAttribute(name, value);
      if (name === 'data-owner') animateOwner(old);
      if (name === 'data-got' && value) animateBadge(old);
      if (name === 'data-reveal' && value && complete) tell('sounds', 'reveal');
    }
    if (!old.dataset.deck) morphChildren(old, next); // the page fills a deck itself
  }

  function morphChildren(old, next) {
    const keyed = new Map();
    for (const n of old.children) if (keyOf(n)) keyed.set(keyOf(n), n);

    let at = old.firstChild;
    for (const want of [...next.childNodes]) {
      const key = keyOf(want);
      let have = key ? keyed.get(key) : at;
      while (!key && have && keyOf(have)) have = have.nextSibling;

      if (have && have.nodeName === want.nodeName) {
        keyed.delete(key);
        if (have !== at) old.insertBefore(have, at);
        if (want.nodeType !== 1) {
          if (have.data !== want.data) have.data = want.data; // setting the same text would cause another layout
        } else if (!have.isEqualNode(want)) {
          morph(have, want);
        }
      } else {
        have = old.insertBefore(want, at);
        if (complete && 'animate' in old.dataset) animateNew(want);
      }
      at = have.nextSibling;
    }
    while (at) { const gone = at; at = at.nextSibling; gone.remove(); }
  }

  // A partition that changes its owner flips like a flap on a departure board.
  function animateOwner(cell) {
    if (!complete || reducedMotion.matches || cell.closest('.dense')) return;
    cell.animate([{ transform: 'rotateX(-88deg)' }, { transform: 'none' }],
      { duration: 480, delay: 60 * (Number(cell.dataset.partition) % 12), easing: 'cubic-bezier(.2,.9,.3,1.2)', fill: 'backwards' });
  }

  function animateBadge(mark) {
    if (!complete) return;
    tell('sounds', 'badge');
    if (reducedMotion.matches) return;
    mark.animate([{ transform: 'scale(2.6)', opacity: 0 }, { transform: 'scale(.85)', opacity: 1, offset: .6 }, { transform: 'none' }],
      { duration: 700, easing: 'ease-out' });
  }

  function animateNew(n) {
    if (n.nodeType !== 1) return;
    if (n.parentElement?.id === 'ticker') announcer.textContent = n.querySelector('span')?.textContent || '';
    if (!reducedMotion.matches) n.animate([{ opacity: 0, transform: 'translateX(-1.5rem)' }, { opacity: 1, transform: 'none' }], { duration: 450, easing: 'ease-out' });
  }

  // places returns the rows' positions.
  const places = () => new Map([...document.querySelectorAll('#rows > :not(.off)')].map(row => [row, row.getBoundingClientRect()]));

  // reorder sorts the rows by the text, "layout t2 t1 …". They glide from their earlier positions, if those are given: a hundred
  // rows gliding at once show nothing, and overload a browser without a graphics card.
  function reorder(text, before) {
    const list = document.getElementById('rows');
    if (!list) return;
    const [layout, ...ids] = text.split(' ').filter(Boolean);
    const classes = layout.replaceAll('+', ' ');
    if (isBoard && body.dataset.layout !== classes) {
      body.dataset.layout = classes;
      list.className = 'rows ' + classes;
      changed.add(''); // the room for everything has changed
    }
    for (const row of [...list.children]) if (!ids.includes(row.id)) row.remove();
    const added = list.querySelectorAll(':scope > .off');
    if (!added.length && ids.every((id, i) => list.children[i]?.id === id)) return;

    for (const row of added) row.classList.remove('off');
    const active = document.activeElement;
    ids.forEach((id, i) => {
      const row = document.getElementById(id);
      if (row && list.children[i] !== row) list.insertBefore(row, list.children[i] || null);
    });
    if (active && active !== document.activeElement && list.contains(active)) active.focus({ preventScroll: true });

    if (!before.size) return;
    const after = places();
    for (const [row, from] of before) {
      const to = after.get(row);
      if (!to) continue;
      const dx = from.left - to.left, dy = from.top - to.top;
      if (!dx && !dy) continue;
      const up = dy > 0;
      row.animate([{ transform: `translate(${dx}px,${dy}px)`, zIndex: up ? 2 : 1 }, { transform: 'none', zIndex: up ? 2 : 1 }],
        { duration: up ? 1100 : 800, easing: 'cubic-bezier(.3,0,.1,1)' });
    }
  }

  // A board of many teams has pages. On projectors, the leaderboard turns them, on all in step, until somebody chooses one,
  // which the address then names. On a phone, the first page stays.
  const wide = matchMedia('(min-width: 900px) and (min-aspect-ratio: 5/4)');
  const chosen = () => new URLSearchParams(location.search).get('page') || (wide.matches ? 'turning' : '1');
  const eventsURL = () => isBoard ? '/events?page=' + encodeURIComponent(chosen()) : body.dataset.events;
  const pageURL = () => isBoard ? '/?page=' + encodeURIComponent(chosen()) : location.href;

  function turnTo() {
    complete = due = false;
    arriving.length = arrived.length = 0;
    stream.to(eventsURL());
  }

  // A projector stays on this page of the browser, in full screen.
  if (isBoard) {
    document.addEventListener('click', e => {
      const link = e.target.closest('#pager a');
      if (!link || !wide.matches || e.ctrlKey || e.metaKey || e.shiftKey) return;
      e.preventDefault();
      history.replaceState(null, '', link.href);
      turnTo();
    });
    wide.addEventListener('change', turnTo);
  }

  // refocus keeps the focus in a part whose focused element was removed.
  function refocus(part) {
    let to = part.querySelector('button:not([disabled]), a[href], input, select, summary');
    if (!to) {
      to = part;
      part.tabIndex = -1;
    }
    to.focus({ preventScroll: true });
  }

  function applyPart(html) {
    const next = parse(html);
    if (!next) return;
    const old = document.getElementById(next.id);
    if (old) {
      const focused = document.activeElement;
      if (old.classList.contains('off')) next.classList.add('off');
      morph(old, next);
      if (!focused.isConnected) refocus(old);
    } else if (/^t\d+$/.test(next.id)) {
      next.classList.add('off'); // until it is in its place
      document.getElementById('rows')?.append(next);
    }
    changed.add(next.id);
  }

  // The events of a frame of the board are applied together once all have arrived, just before the browser paints, and other
  // scripts are notified once: the browser then lays out the page once, and never paints half of a frame.
  const arriving = [];
  const arrived = [];
  const changed = new Set();
  let due = false;

  function frameEnds() {
    arrived.push(...arriving.splice(0));
    if (due) return;
    due = true;
    requestAnimationFrame(apply);
    setTimeout(apply, 250); // a hidden page gets no animation frames
  }

  function apply() {
    if (!due) return;
    due = false;
    const glides = complete && !reducedMotion.matches && !body.matches('[data-layout~="dense"]');
    const before = glides && arrived.some(([name]) => name === 'order') ? places() : new Map();
    for (const [name, data] of arrived.splice(0)) {
      if (name === 'part') applyPart(data);
      else reorder(data, before);
    }
    if (!complete) {
      complete = true;
      body.dataset.live = 'yes';
    }
    if (changed.size) tell('parts', [...changed]);
    changed.clear();
  }

  // poll fetches the whole page when no events arrive.
  async function poll() {
    const page = await fetch(pageURL(), { headers: { Accept: 'text/html' }, signal: AbortSignal.timeout(4000) });
    if (page.redirected && new URL(page.url).pathname === '/login') location.reload();
    if (!page.ok || page.redirected) return null;
    const doc = new DOMParser().parseFromString(await page.text(), 'text/html');
    const build = doc.body.dataset.build;
    if (!build) return null; // a captive portal or a proxy answered, not the board
    if (build !== body.dataset.build) location.reload();
    return () => {
      ahead = Number(doc.body.dataset.now) - Date.now();
      localise(doc);
      if (isBoard) body.dataset.layout = doc.body.dataset.layout;
      for (const name of ['header', 'main', 'footer']) {
        const next = doc.querySelector(name), old = document.querySelector(name);
        if (next && old) morph(old, next);
      }
      tell('parts', ['']);
    };
  }

  localise(document);
  const stream = workshop.follow({
    url: eventsURL(),
    events: {
      hello: text => {
        const [build, now] = text.split(' ');
        if (build !== body.dataset.build) location.reload();
        ahead = Number(now) - Date.now();
        arriving.length = 0; // of a frame that a lost connection cut off
      },
      part: html => arriving.push(['part', html]),
      order: text => arriving.push(['order', text]),
      whole: frameEnds,
    },
    poll,
    silent: 32000, // two heartbeats missed
    stays: isBoard, // the projector's page is never really hidden
    lost: since => {
      body.classList.add('disconnected');
      disconnected.hidden = false;
      const text = 'Connection lost. This is as of ' + clock(since) + '.';
      if (disconnected.textContent !== text) disconnected.textContent = text;
    },
    found: () => {
      body.classList.remove('disconnected');
      disconnected.hidden = true;
    },
  });
})();
