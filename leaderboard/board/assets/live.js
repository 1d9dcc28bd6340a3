// Keeps a page up to date from its event stream. Parts arrive as the HTML that the server drew; each
// is laid over the one in the page, so that what did not change is not touched.
'use strict';
(() => {
  const body = document.body;
  const lost = document.getElementById('lost');
  const spoken = document.getElementById('spoken');
  const still = matchMedia('(prefers-reduced-motion: reduce)');
  const stays = body.classList.contains('board'); // the projector's page is never really hidden
  const { clock } = workshop;
  let begun = false; // what changes from now on is news and may move

  // Times are written in the viewer's own zone.
  const localise = root => {
    for (const t of root.querySelectorAll('time[datetime]')) t.textContent = clock(t.dateTime);
  };

  const parse = html => {
    const t = document.createElement('template');
    t.innerHTML = html;
    localise(t.content);
    return t.content.firstElementChild;
  };

  const keyOf = n => n.nodeType === 1 ? n.id || n.dataset.key || '' : '';

  // morph makes the element was look like the element is, keeping nodes with the same key.
  function morph(was, is) {
    if (was.id === 'theme') return; // the other script's
    for (const { name } of [...was.attributes]) {
      if (!is.hasAttribute(name) && !(name === 'open' && was.nodeName === 'DETAILS')) was.removeAttribute(name);
    }
    for (const { name, value } of is.attributes) {
      const old = was.getAttribute(name);
      if (old === value) continue;
      was.setAttribute(name, value);
      if (name === 'data-owner') handOver(was);
      if (name === 'data-got' && value) land(was);
    }
    morphChildren(was, is);
  }

  function morphChildren(was, is) {
    const keyed = new Map();
    for (const n of was.children) if (keyOf(n)) keyed.set(keyOf(n), n);
    let at = was.firstChild;
    for (const want of [...is.childNodes]) {
      const key = keyOf(want);
      let have = key ? keyed.get(key) : at;
      while (!key && have && keyOf(have)) have = have.nextSibling;
      if (have && have.nodeName === want.nodeName) {
        keyed.delete(key);
        if (have !== at) was.insertBefore(have, at);
        if (want.nodeType === 1) morph(have, want);
        else if (have.data !== want.data) have.data = want.data;
      } else {
        have = was.insertBefore(want, at);
        if (begun && 'land' in was.dataset) fresh(want);
      }
      at = have.nextSibling;
    }
    while (at) { const gone = at; at = at.nextSibling; gone.remove(); }
  }

  // A cell that changes hands turns over like a flap of a departure board.
  function handOver(cell) {
    if (!begun || still.matches) return;
    cell.animate([{ transform: 'rotateX(-88deg)', filter: 'brightness(1.5)' }, { transform: 'none', filter: 'none' }],
      { duration: 480, delay: 60 * (Number(cell.dataset.partition) % 12), easing: 'cubic-bezier(.2,.9,.3,1.2)', fill: 'backwards' });
  }

  function land(mark) {
    if (!begun || still.matches) return;
    mark.animate([{ transform: 'scale(2.6)', opacity: 0 }, { transform: 'scale(.85)', opacity: 1, offset: .6 }, { transform: 'none' }],
      { duration: 700, easing: 'ease-out' });
  }

  function fresh(n) {
    if (n.nodeType !== 1) return;
    if (n.parentElement?.id === 'ticker') spoken.textContent = n.querySelector('span')?.textContent || '';
    if (!still.matches) n.animate([{ opacity: 0, transform: 'translateX(-1.5rem)' }, { opacity: 1, transform: 'none' }], { duration: 450, easing: 'ease-out' });
  }

  // Rows that change places glide there.
  function reorder(text) {
    const list = document.getElementById('rows');
    if (!list) return;
    const [size, ...ids] = text.split(' ').filter(Boolean);
    if (body.classList.contains('board')) list.className = 'rows ' + size;
    for (const row of [...list.children]) if (!ids.includes(row.id)) row.remove();
    if (ids.every((id, i) => list.children[i]?.id === id)) return;
    const before = new Map([...list.children].map(r => [r, r.getBoundingClientRect()]));
    const active = document.activeElement;
    ids.forEach((id, i) => {
      const row = document.getElementById(id);
      if (row && list.children[i] !== row) list.insertBefore(row, list.children[i] || null);
    });
    if (active && active !== document.activeElement && list.contains(active)) active.focus({ preventScroll: true });
    if (!begun) return;
    for (const [row, from] of before) {
      const to = row.getBoundingClientRect(), dx = from.left - to.left, dy = from.top - to.top;
      if (!dx && !dy) continue;
      if (still.matches) continue;
      const up = dy > 0;
      row.animate([{ transform: `translate(${dx}px,${dy}px)`, zIndex: up ? 2 : 1 }, { transform: 'none', zIndex: up ? 2 : 1 }],
        { duration: up ? 1100 : 800, easing: 'cubic-bezier(.3,0,.1,1)' });
    }
  }

  // More teams than the projector holds take turns. No row is removed, so that nothing is lost when
  // the number of teams or the window changes.
  const PAGE = 100, TURN = 10000; // rows of the dense list; ms
  const wide = matchMedia('(min-width: 900px) and (min-aspect-ratio: 5/4)');
  let leaf = 0;
  function paginate() {
    const list = document.getElementById('rows');
    if (!list || !stays) return;
    const rows = [...list.children], pages = wide.matches ? Math.ceil(rows.length / PAGE) : 1;
    const turn = rows.findIndex(row => row.classList.contains('turn')); // a reveal is at this row
    const now = pages > 1 ? (turn < 0 ? leaf % pages : Math.floor(turn / PAGE)) : -1;
    rows.forEach((row, i) => row.classList.toggle('off', now >= 0 && Math.floor(i / PAGE) !== now));
    if (now < 0) delete list.dataset.pages;
    else list.dataset.pages = `ranks ${now * PAGE + 1}–${Math.min((now + 1) * PAGE, rows.length)} of ${rows.length}`;
  }
  setInterval(() => { leaf++; paginate(); }, TURN);
  wide.addEventListener('change', paginate);

  function put(html) {
    const is = parse(html);
    if (!is) return;
    const was = document.getElementById(is.id);
    if (was) {
      if (was.classList.contains('off')) is.classList.add('off'); // its turn is the page's, not the server's
      morph(was, is);
      if (is.classList.contains('turn')) paginate();
      return;
    }
    if (/^t\d+$/.test(is.id)) document.getElementById('rows')?.append(is);
  }

  // The page whole, as of now: for when no events come.
  async function poll() {
    const page = await fetch(location.href, { headers: { Accept: 'text/html' }, signal: AbortSignal.timeout(4000) });
    if (page.redirected && new URL(page.url).pathname === '/login') location.reload();
    if (!page.ok || page.redirected) return null;
    const doc = new DOMParser().parseFromString(await page.text(), 'text/html');
    const build = doc.body.dataset.build;
    if (!build) return null; // a captive portal or a proxy answers, not the board
    if (build !== body.dataset.build) location.reload();
    return () => {
      localise(doc);
      for (const name of ['header', 'main', 'footer']) {
        const is = doc.querySelector(name), was = document.querySelector(name);
        if (is && was) morph(was, is);
      }
      paginate();
    };
  }

  localise(document);
  paginate();
  workshop.follow({
    url: body.dataset.events,
    events: {
      hello: text => { if (text.split(' ')[0] !== body.dataset.build) location.reload(); },
      part: put,
      order: text => { reorder(text); paginate(); },
      whole: () => { begun = true; body.dataset.live = 'yes'; },
    },
    poll,
    silent: 32000, // two heartbeats missed
    stays,
    lost: since => {
      body.classList.add('lost');
      lost.hidden = false;
      const text = 'Connection lost. This is as of ' + clock(since) + '.';
      if (lost.textContent !== text) lost.textContent = text;
    },
    found: () => {
      body.classList.remove('lost');
      lost.hidden = true;
    },
  });
})();
