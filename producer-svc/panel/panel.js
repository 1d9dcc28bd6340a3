// The control panel shows the load that the service reports, and sends changes to it. It shows nothing
// that the service did not report: another page's change looks like one's own.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const rateField = $("rate"), dial = $("dial"), pause = $("pause"), message = $("message");
  const clock = (at) => at ? workshop.clock(at) : "";
  let state = null, drawn = 0, points = [], lastSecond = 0;

  // The dial: 20 steps a decade, from 1 at 100 to a million at 700; 0 at its left end, and between
  // them the fractions, 0.11 and up.
  const toRate = (pos) => pos <= 0 ? 0 : +Math.pow(10, pos / 100 - 1).toPrecision(2);
  const toPos = (rate) => rate <= 0 ? 0 : Math.min(700, Math.max(5, (Math.log10(rate) + 1) * 100));
  const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
  const count = (n) => grouped.format(n);
  const rateText = (r) => r >= 100 || Number.isInteger(r) ? count(r) : r >= 10 ? r.toFixed(1) : r.toFixed(2);
  const short = (r) => r >= 1e6 ? +(r / 1e6).toPrecision(3) + "M" : r >= 1e3 ? +(r / 1e3).toPrecision(3) + "k" : String(+r.toPrecision(3));
  const say = (text, bad) => { message.textContent = text; message.classList.toggle("bad", !!bad); };

  // complain shows beside a field why its value is not accepted, until the user types something else there.
  function complain(field, text) {
    let note = $(field.getAttribute("aria-describedby"));
    if (!note) {
      note = Object.assign(document.createElement("span"), { className: "fault", id: "fault-" + (field.id || field.name) });
      note.setAttribute("role", "alert");
      field.after(note);
      field.setAttribute("aria-describedby", note.id);
    }
    note.textContent = text;
    if (text) field.setAttribute("aria-invalid", "true"); else field.removeAttribute("aria-invalid");
  }

  // Requests

  // send shows an error beside the field that the request came from, or on top if it came from none.
  async function send(method, path, body, field) {
    const refused = (text) => { if (field) complain(field, text); else say(text, true); };
    try {
      const answer = await fetch(path, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
      if (answer.status === 401) { location.reload(); return false; }
      const said = await answer.json();
      if (!answer.ok) { refused(said.error); return false; }
      say("");
      if (field) complain(field, "");
      return true;
    } catch {
      refused("That did not reach the service: try again.");
      return false;
    }
  }

  // While the dial is dragged, the newest value is sent at most every 100 ms.
  let wanted = null, busy = false;
  async function put(patch, field) {
    wanted = Object.assign(wanted || {}, patch);
    if (busy) return;
    busy = true;
    while (wanted) {
      const now = wanted;
      wanted = null;
      const [done] = await Promise.all([send("PUT", "/api/load", now, field), new Promise((done) => setTimeout(done, 100))]);
      if (!done) restore();
    }
    busy = false;
    if (state) show(state);
  }

  // number reads a field. A value that cannot be read leaves the field as it was, with the reason beside it.
  function number(field) {
    const { value, fault } = workshop.number(field.value);
    complain(field, fault || "");
    if (fault) {
      field.value = before.get(field) ?? field.defaultValue;
      restore();
      return null;
    }
    before.set(field, field.value);
    return value;
  }

  // The text of each field before the user began to type in it.
  const before = new Map();
  document.addEventListener("focusin", (e) => { if (e.target.matches("input")) before.set(e.target, e.target.value); });
  document.addEventListener("input", (e) => { if (e.target.hasAttribute("aria-invalid")) complain(e.target, ""); });

  // restore puts the current values into the fields of the load, also into the one that is being edited.
  function restore() {
    if (!state) return;
    rateField.value = rateText(state.rate);
    $("fixed").value = state.fixed_keys;
    $("hot").value = +(state.hot_share * 100).toFixed(2);
  }

  function setRate(rate, field) {
    drawRate(rate);
    put({ rate }, field);
  }

  // Steps of 1, 2, 5.
  const ladder = [0];
  for (let d = -1; d <= 5; d++) for (const m of [1, 2, 5]) ladder.push(+(m * Math.pow(10, d)).toPrecision(1));
  ladder.push(1e6);
  function step(up) {
    const next = up ? ladder.find((r) => r > drawn * 1.0001) : ladder.findLast((r) => r < drawn * 0.9999);
    if (next !== undefined) setRate(next);
  }
  const togglePause = () => state && put({ paused: !state.paused });

  dial.addEventListener("input", () => setRate(toRate(+dial.value)));
  rateField.addEventListener("change", () => { const r = number(rateField); if (r !== null) setRate(r, rateField); });
  rateField.addEventListener("keydown", (e) => { if (e.key === "Escape") { rateField.blur(); if (state) drawRate(state.rate); } });
  pause.addEventListener("click", togglePause);
  $("less").addEventListener("click", () => step(false));
  $("more").addEventListener("click", () => step(true));
  for (const b of document.querySelectorAll(".preset")) b.addEventListener("click", () => setRate(+b.dataset.rate));
  for (const r of document.querySelectorAll("[name=keys]")) r.addEventListener("change", () => put({ keys: r.value }));
  $("fixed").addEventListener("change", () => { const n = number($("fixed")); if (n !== null) put({ keys: "fixed", fixed_keys: n }, $("fixed")); });
  $("hot").addEventListener("change", () => { const n = number($("hot")); if (n !== null) put({ keys: "hot", hot_share: n / 100 }, $("hot")); });

  function form(id, path) {
    const f = $(id);
    f.addEventListener("submit", (e) => {
      e.preventDefault();
      const body = {};
      for (const field of f.querySelectorAll("input")) {
        const n = number(field);
        if (n === null) return;
        body[field.name] = n;
      }
      send("POST", path, body, f.querySelector("input"));
      document.activeElement.blur();
    });
  }
  form("ramp", "/api/ramp");
  form("burst", "/api/burst");
  form("partitions", "/api/partitions");

  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const on = e.target.closest("input:not([type=range]):not([type=radio]), button, a, textarea");
    if (e.key === " " && !on) { e.preventDefault(); if (!e.repeat) togglePause(); }
    if (e.target.closest("input:not([type=range]):not([type=radio])")) return;
    if (e.key === "+" || e.key === "=") { e.preventDefault(); step(true); }
    if (e.key === "-") { e.preventDefault(); step(false); }
  });

  // Showing

  const editing = (el) => document.activeElement === el;
  function set(el, text) { if (el.textContent !== text) el.textContent = text; }
  function fill(el, value) { if (!editing(el)) el.value = value; }

  function drawRate(rate) {
    drawn = rate;
    if (!editing(rateField)) rateField.value = rateText(rate);
    rateField.parentElement.parentElement.classList.toggle("long", rateText(rate).length > 6);
    if (!busy || !editing(dial)) dial.value = toPos(rate);
    dial.setAttribute("aria-valuetext", rateText(rate) + " records per second");
    for (const b of document.querySelectorAll(".preset")) b.setAttribute("aria-pressed", String(+b.dataset.rate === rate));
  }

  function show(s) {
    state = s;
    if (!busy) drawRate(s.rate);
    set($("achieved"), rateText(s.achieved));
    $("achieved").parentElement.parentElement.classList.toggle("long", rateText(s.achieved).length > 6);
    set($("limit"), s.limited_by ? `target ${rateText(s.rate)}, achieved ${rateText(s.achieved)}: limited by the ${s.limited_by}` : s.paused ? "paused" : "");
    pause.setAttribute("aria-pressed", String(s.paused));
    set(pause.firstElementChild, s.paused ? "Go on" : "Pause");
    for (const r of document.querySelectorAll("[name=keys]")) r.checked = r.value === s.keys;
    fill($("fixed"), s.fixed_keys);
    fill($("hot"), +(s.hot_share * 100).toFixed(2));
    fill($("partitions").elements.count, s.partitions.length);
    const left = s.ramp ? Math.max(0, Math.ceil((Date.parse(s.ramp.ends_at) - Date.parse(s.at)) / 1000)) : 0;
    set($("ramping"), s.ramp ? `to ${rateText(s.ramp.to)} in ${left} s` : "");
    set($("bursting"), s.burst ? `${count(s.burst)} to go` : "");
    set($("p50"), s.ack_p50_ms.toFixed(1));
    set($("p99"), s.ack_p99_ms.toFixed(1));
    set($("produced"), count(s.produced));
    set($("dropped"), count(s.dropped));
    set($("errors"), count(s.errors));
    set($("reason"), s.error ? `${s.error} (${clock(s.error_at)})` : "");
    set($("note"), s.note ? `${clock(s.note_at)} ${s.note}` : "");
    showLink(s);
    showShares(s.partitions);
    showCurve(s);
  }

  function showLink(s) {
    const link = $("link");
    let text = "live", good = true;
    if (s.away_since) { text = `Kafka has not answered since ${clock(s.away_since)}`; good = false; }
    else if (!s.holding && s.holder) { text = `standing by: ${s.holder} holds the load`; good = false; }
    else if (!s.holding) { text = s.fault || "waiting for the lease on the load"; good = false; }
    set(link, text);
    link.className = good ? "link live" : "link";
  }

  function showShares(parts) {
    const list = $("shares");
    while (list.children.length < parts.length) {
      const li = document.createElement("li");
      const span = (className) => Object.assign(document.createElement("span"), { className });
      li.append(span("column"), span("name"), span("n"));
      li.firstElementChild.append(span("share"), span("bar"));
      set(li.children[1], "P" + list.children.length);
      list.appendChild(li);
    }
    while (list.children.length > parts.length) list.lastElementChild.remove();
    list.classList.toggle("many", parts.length > 12);
    list.classList.toggle("crowd", parts.length > 30);
    const moving = parts.some((p) => p.rate > 0);
    const of = (p) => moving ? p.rate : p.produced;
    const sum = parts.reduce((n, p) => n + of(p), 0);
    // An even share is half the height, so that both more and less are seen.
    const most = Math.max(...parts.map(of), sum * 2 / parts.length, 1e-9);
    parts.forEach((p, i) => {
      const li = list.children[i], share = sum ? of(p) / sum : 0;
      const [label, bar] = li.firstElementChild.children;
      set(label, sum ? Math.round(share * 100) + " %" : "");
      bar.style.setProperty("--part", (of(p) / most).toFixed(4));
      set(li.children[2], count(p.produced));
      li.classList.toggle("hot", parts.length > 1 && share > 1.5 / parts.length);
      li.title = `partition ${p.partition}: ${rateText(p.rate)} records/s, ${count(p.produced)} in all`;
    });
  }

  // The curve: one point a second, 300 of them, the newest at the right.
  const width = 600, height = 160, most = 300;
  function showCurve(s) {
    if (s.whole) points = s.points;
    else if (s.seconds > lastSecond) {
      // The tail may overlap with the points so far: add only the seconds that are new.
      const fresh = Math.min(s.points.length, s.seconds - lastSecond);
      points = points.concat(s.points.slice(s.points.length - fresh)).slice(-most);
    } else return;
    lastSecond = s.seconds;
    const top = nice(Math.max(1, ...points.map((p) => Math.max(p[0], p[1]))) * 1.05);
    const line = (k) => points.map((p, i) => `${(width - (points.length - 1 - i) * width / (most - 1)).toFixed(1)},${(height - p[k] / top * height).toFixed(1)}`).join(" ");
    $("line-target").setAttribute("points", line(0));
    $("line-achieved").setAttribute("points", line(1));
    const grid = $("grid"), scale = $("scale");
    if (grid.dataset.top === String(top)) return;
    grid.dataset.top = top;
    grid.replaceChildren(...[0, 0.5, 1].map((part) => {
      const l = document.createElementNS("http://www.w3.org/2000/svg", "line");
      for (const [k, v] of [["x1", 0], ["x2", width], ["y1", height * (1 - part)], ["y2", height * (1 - part)]]) l.setAttribute(k, v);
      return l;
    }));
    scale.replaceChildren(...[0.5, 1].map((part) => {
      const li = document.createElement("li");
      li.textContent = short(top * part);
      li.dataset.part = part;
      return li;
    }));
    placeScale();
  }
  function placeScale() {
    const box = $("curve").getBoundingClientRect();
    for (const li of $("scale").children) li.style.top = (box.height * (1 - li.dataset.part)).toFixed(0) + "px";
  }
  addEventListener("resize", placeScale);
  function nice(n) {
    const p = Math.pow(10, Math.floor(Math.log10(n)));
    return [1, 1.2, 1.6, 2, 3, 4, 6, 8, 10].find((m) => m * p >= n) * p;
  }

  // Events

  function lost(is) {
    document.body.classList.toggle("lost", is);
    $("all").inert = is;
    if (is) { set($("link"), "connection lost: trying again"); $("link").className = "link lost"; }
  }

  // The current state, for when no events arrive.
  async function poll() {
    const answer = await fetch("/events", { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(4000) });
    if (!answer.headers.get("Content-Type")?.startsWith("application/json")) return null; // for example a captive portal
    if (answer.status === 401) location.reload();
    if (!answer.ok) return null;
    const now = await answer.json();
    return () => show(now);
  }

  workshop.follow({
    url: "/events",
    events: { state: (text) => show(JSON.parse(text)) },
    poll,
    silent: 3000, // a state arrives several times a second
    lost: () => lost(true),
    found: () => lost(false),
  });
})();
