// Plays a round: shows what the board showed at a time between its beginning and its end.
'use strict';
(async () => {
  const main = document.querySelector('main'), note = document.getElementById('note'), said = document.getElementById('said');
  const at = document.getElementById('at'), play = document.getElementById('play');
  const rows = document.getElementById('rows');
  const { clock } = workshop;
  const MOVING = 1, SILENT = 2; // indices in states
  const SIGNS = 'ABCDEFGH';
  const SPAN_FROM = 1, SPAN_TO = 2, SPAN_OWNER = 3, SPAN_STATE = 4;
  if (main.dataset.round === '0') return;

  let doc;
  try {
    const answer = await fetch(main.dataset.replay);
    doc = await answer.json();
    if (!answer.ok) throw new Error(doc.error);
  } catch (e) {
    note.textContent = `The replay did not load: ${e.message}.`;
    return;
  }

  const began = Date.parse(doc.from), length = Math.max(Date.parse(doc.to) - began, 0);
  const teams = new Map(doc.teams.map(t => [t.team, prepare(t)]));
  const changes = [...new Set(doc.teams.flatMap(t => [
    ...t.spans.flatMap(s => [s[SPAN_FROM], s[SPAN_TO]]), ...t.badges.flatMap(b => [b.from, b.to ?? -1]),
  ]))].filter(ms => ms > 0 && ms <= length).sort((a, b) => a - b);
  let now = 0, speed = 10, playing = false, last = 0, spoken = -1, spokenAt = 0;

  // prepare sorts a team's spans by lane and finds its row.
  function prepare(t) {
    const lanes = Array.from({ length: doc.partitions }, () => []);
    for (const s of t.spans) lanes[s[0]]?.push(s);
    for (const lane of lanes) lane.sort((a, b) => a[SPAN_FROM] - b[SPAN_FROM]);
    const row = document.getElementById('r' + t.team);
    return {
      ...t, lanes, row, cells: row ? [...row.querySelectorAll('.cell')] : [], marks: row ? [...row.querySelectorAll('.mark')] : [], shown: [],
    };
  }

  // indexAt returns the index of the last item that began by then, or -1.
  function indexAt(items, ms, from) {
    let low = 0, high = items.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (from(items[middle]) <= ms) low = middle + 1; else high = middle;
    }
    return low - 1;
  }

  // spanAt returns a lane's span; nothing while nobody watched or the group was empty.
  function spanAt(lane, ms) {
    const s = lane[indexAt(lane, ms, x => x[SPAN_FROM])];
    return s && (s[SPAN_TO] < 0 || ms < s[SPAN_TO]) ? s : null;
  }

  function scoresAt(ms) {
    const out = new Map();
    for (const step of doc.scores) {
      if (step.at > ms) break;
      for (const [team, points, rank] of step.teams) out.set(team, { points, rank });
    }
    return out;
  }

  function drawCell(cell, span, team) {
    const member = span && span[SPAN_OWNER] >= 0 ? team.members[span[SPAN_OWNER]] : null;
    const state = span ? doc.states[span[SPAN_STATE]] : '';
    const sign = member ? SIGNS[((member.colour % 8) + 8) % 8] : '';
    cell.className = 'cell' + (member ? ` owned c${((member.colour % 8) + 8) % 8}` : '')
      + (span?.[SPAN_STATE] === MOVING ? ' moves' : '') + (span?.[SPAN_STATE] === SILENT ? ' silent' : '');
    cell.dataset.owner = member ? member.member_id : '';
    cell.dataset.state = state;
    cell.title = member ? member.client_id : '';
    cell.firstElementChild.textContent = sign + (state === 'silent' ? '…' : '');
  }

  // words describes the lanes, as the board does: "A owns P0 P1, silent: P1, no owner: P2".
  function words(spans, team) {
    const owned = new Map(), silent = [], free = [];
    let moving = false;
    spans.forEach((s, p) => {
      const sign = s && s[SPAN_OWNER] >= 0 ? SIGNS[((team.members[s[SPAN_OWNER]].colour % 8) + 8) % 8] : '';
      if (s?.[SPAN_STATE] === MOVING) moving = true;
      if (s?.[SPAN_STATE] === SILENT) silent.push('P' + p);
      if (sign) owned.set(sign, [...owned.get(sign) || [], 'P' + p]);
      else free.push('P' + p);
    });
    if (spans.every(s => !s)) return 'no member';
    const out = moving ? ['rebalancing'] : [];
    for (const [sign, list] of [...owned].sort()) out.push(`${sign} owns ${list.join(' ')}`);
    if (silent.length) out.push('silent: ' + silent.join(' '));
    if (free.length) out.push('no owner: ' + free.join(' '));
    return out.join(', ');
  }

  function drawTeam(team, score, ms) {
    if (!team.row) return;
    const spans = team.lanes.map(lane => spanAt(lane, ms));
    if (spans.some((s, p) => s !== team.shown[p]) || !team.shown.length) {
      spans.forEach((s, p) => { if (team.cells[p] && (s !== team.shown[p] || !team.shown.length)) drawCell(team.cells[p], s, team); });
      team.shown = spans;
      team.row.querySelector('.lanes').setAttribute('aria-label', words(spans, team));
    }

    const names = [];
    for (const mark of team.marks) {
      const b = team.badges.find(x => x.badge === mark.dataset.badge && x.from <= ms && (x.to == null || ms < x.to));
      mark.classList.toggle('got', !!b);
      mark.classList.toggle('first', !!b?.first);
      if (b) names.push(mark.dataset.name + (b.first ? ' (first)' : ''));
    }
    team.row.querySelector('.marks').setAttribute('aria-label', 'Badges: ' + (names.join(', ') || 'none'));
    team.row.querySelector('.points').textContent = score ? score.points : 0;
    const rank = team.row.querySelector('.rank');
    if (rank) rank.textContent = score ? score.rank : '';
  }

  // speak shows the latest event. While a round plays fast, it skips some.
  function speak(ms) {
    const i = indexAt(doc.events, ms, e => e.at);
    if (i === spoken || (playing && Date.now() - spokenAt < 1500)) return;
    spoken = i;
    spokenAt = Date.now();
    const e = doc.events[i];
    said.textContent = e ? `${clock(began + e.at)} ${e.team ? `\u2068${teams.get(e.team)?.name ?? ''}\u2069: ` : ''}${e.text}` : '';
  }

  function into(ms) {
    const s = Math.floor(ms / 1000), minutes = Math.floor(s / 60);
    return `${minutes ? minutes + ' min ' : ''}${s % 60} s into the round`;
  }

  function show(ms) {
    now = Math.min(Math.max(ms, 0), length);
    const scores = scoresAt(now);
    for (const team of teams.values()) drawTeam(team, scores.get(team.team), now);
    if (document.querySelector('.rank')) {
      const order = [...rows.children].sort((a, b) => (scores.get(Number(a.dataset.team))?.rank ?? 0) - (scores.get(Number(b.dataset.team))?.rank ?? 0));
      order.forEach((row, i) => { if (rows.children[i] !== row) rows.insertBefore(row, rows.children[i]); });
    }
    at.value = now;
    at.setAttribute('aria-valuetext', `${clock(began + now)}, ${into(now)}`);
    document.getElementById('clock').textContent = clock(began + now);
    document.getElementById('into').textContent = into(now);
    document.body.dataset.at = new Date(began + now).toISOString();
    speak(now);
  }

  function setPlaying(on) {
    playing = on;
    play.textContent = on ? 'Pause' : 'Play';
    last = performance.now();
    if (on && now >= length) show(0);
    if (on) requestAnimationFrame(frame);
    else speak(now);
  }

  function frame(time) {
    if (!playing) return;
    const passed = Math.max(time - last, 0);
    if (passed >= 100) { // ten frames a second are enough, and spare the laptop
      last = time;
      show(now + passed * speed);
      if (now >= length) return setPlaying(false);
    }
    requestAnimationFrame(frame);
  }

  function jump(forward) {
    setPlaying(false);
    const next = forward ? changes.find(ms => ms > now) : changes.findLast(ms => ms < now);
    show(next ?? (forward ? length : 0));
  }

  at.max = length;
  at.addEventListener('input', () => { setPlaying(false); show(Number(at.value)); });
  play.addEventListener('click', () => setPlaying(!playing));
  document.getElementById('previous').addEventListener('click', () => jump(false));
  document.getElementById('next').addEventListener('click', () => jump(true));
  for (const b of document.querySelectorAll('.speed')) {
    b.addEventListener('click', () => {
      speed = Number(b.dataset.speed);
      for (const other of document.querySelectorAll('.speed')) other.setAttribute('aria-pressed', String(other === b));
    });
  }
  addEventListener('keydown', e => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === ' ' && !e.target.closest('button, a')) { e.preventDefault(); setPlaying(!playing); }
    if (e.key === ',') jump(false);
    if (e.key === '.') jump(true);
  });

  const full = doc.teams.filter(t => t.full).map(t => `\u2068${t.name}\u2069`);
  note.textContent = full.length ? `More changed than is recorded in a round: later, the lanes of ${full.join(', ')} are not shown.`
    : doc.cut ? 'More changed after this than one load holds: the replay ends there.'
    : doc.frozen ? 'The score stands still from the freeze on.'
    : doc.ended ? '' : 'The round goes on. Load the page again to see what came since.';
  document.getElementById('player').hidden = false;
  workshop.replay = { show, length, began };
  show(0);
  document.body.dataset.replay = 'ready';
})();
