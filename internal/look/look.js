// Code that the pages of both services share: formats of times and numbers, and how a page stays up to date.
'use strict';
const workshop = (() => {
  const two = n => String(n).padStart(2, '0');

  // A time in the viewer's own zone, in the one form that all pages and the terminal have: 14:03:22.
  const clock = at => {
    const t = new Date(at);
    return `${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}`;
  };

  // number parses what people type: 10, 1.5, 1,5, 1,000, 1 000, 1'000, 1.234,5, 2.5k, 1M. It returns { value } or { fault }:
  // 1.000 is one to some and a thousand to others, so it is rejected.
  function number(text) {
    const plain = text.trim().replace(/[\u00a0\u2009\u202f]/g, ' ').toLowerCase();
    const m = /^([\d.,' \u2019]*\d)\s*([km]?)$/.exec(plain);
    if (!m) return { fault: `“${text}” is not a number from 0 up: 10, 1.5, 1,000 and 10k are.` };
    const unit = { k: 1e3, m: 1e6 }[m[2]] || 1;
    const digits = m[1].replace(/^(\d{1,3})((?:[' \u2019]\d{3})+)(?![\d' \u2019])/, (_, head, groups) => head + groups.replace(/[' \u2019]/g, ''));

    const both = /^(\d{1,3}(?:,\d{3})+)\.(\d+)$/.exec(digits) || /^(\d{1,3}(?:\.\d{3})+),(\d+)$/.exec(digits);
    if (both) return { value: Number(both[1].replace(/[.,]/g, '') + '.' + both[2]) * unit };
    if (/^\d{1,3}(,\d{3}){2,}$/.test(digits) || /^\d{1,3}(\.\d{3}){2,}$/.test(digits)) return { value: Number(digits.replace(/[.,]/g, '')) * unit };
    if (/^[1-9]\d{0,2},\d{3}$/.test(digits) && unit === 1) return { value: Number(digits.replace(',', '')) }; // as the field shows it
    if (/^[1-9]\d{0,2}[.,]\d{3}$/.test(digits) && (unit === 1 || digits.includes(','))) {
      const whole = digits.replace(/[.,]/, '');
      return { fault: `“${text}” may be ${Number(digits.replace(',', '.'))}${m[2]} or ${whole}${m[2]}: write one of them.` };
    }
    if (/^(\d+([.,]\d+)?|[.,]\d+)$/.test(digits)) return { value: +(Number(digits.replace(',', '.')) * unit).toPrecision(12) };
    return { fault: `“${text}” is not a number from 0 up: 10, 1.5, 1,000 and 10k are.` };
  }

  // follow keeps a page up to date from an event stream, and by polling while something on the way holds the stream
  // back: a proxy that scans responses, or a service that has no stream left. It switches to the stream as soon as that
  // delivers something.
  //
  // events maps event names to functions of the data. poll asks once, and returns a function that applies the response,
  // or nothing. lost is called when neither works, with the time of the last news; found when one works again. silent is
  // how long an open stream may send nothing, in ms. With stays, a hidden page continues. The result has a function to
  // that switches to another stream.
  function follow({ url, events, poll, lost, found, silent, stays }) {
    const FIRST = 5000;                   // ms for the first event of a connection
    const AGAIN = 60000;                  // ms after which a stream that delivered nothing is opened again
    let source = null, timer = 0, wait = 1000;
    let heard = Date.now();               // when news last arrived
    let alive = heard;                    // the last sign of life
    let opened = heard;                   // when this connection began
    let any = false;                      // it has delivered something
    let failed = false;                   // the last one ended with an error
    let gone = false;                     // lost was called
    let polling = 0, asking = false;

    function sign() {
      alive = Date.now();
      if (gone) found();
      gone = false;
    }

    function connect() {
      clearTimeout(timer);
      timer = 0;
      source?.close();
      any = false;
      opened = Date.now();
      const mine = source = new EventSource(url);
      for (const [name, take] of Object.entries({ heartbeat: null, ...events })) {
        mine.addEventListener(name, e => {
          if (mine !== source) return;
          any = true;
          failed = false;
          wait = 1000;
          stopPolling();
          sign();
          if (!take) return;
          heard = alive;
          take(e.data);
        });
      }
      mine.onerror = () => {
        if (mine !== source) return;
        if (!failed || any) opened = Date.now();
        any = false;
        failed = true;
        if (mine.readyState !== EventSource.CLOSED) return; // the browser tries again
        startPolling();                                     // the server responded, though without a stream
        timer = setTimeout(connect, wait * (1 + Math.random()));
        wait = Math.min(wait * 2, 15000);
      };
    }

    function startPolling() {
      if (polling) return;
      polling = setInterval(ask, 2000 + Math.random() * 1000);
      ask();
    }

    function stopPolling() {
      clearInterval(polling);
      polling = 0;
    }

    async function ask() {
      if (asking) return;
      asking = true;
      try {
        const apply = await poll();
        if (apply && polling) {
          apply();
          sign();
          heard = alive;
        }
      } catch { /* check calls lost */ }
      asking = false;
    }

    function check() {
      if (!source) return;
      const now = Date.now(), quiet = now - alive;
      if (!any && now - opened > (failed ? 2000 : FIRST)) startPolling();
      if (quiet > (any ? silent : failed ? 4000 : FIRST + 4000)) {
        gone = true;
        lost(heard);
        if (any) connect(); // it is open, and dead
      }
      if (!any && !timer && now - opened > AGAIN) connect();
    }

    if (!stays) {
      document.addEventListener('visibilitychange', () => {
        if (document.hidden) {
          source?.close();
          source = null;
          clearTimeout(timer);
          stopPolling();
          return;
        }
        alive = Date.now();
        connect();
      });
    }
    connect();
    setInterval(check, 1000);

    // to switches to another stream.
    function to(next) {
      url = next;
      if (source) connect();
    }
    return { to };
  }

  return { clock, number, follow };
})();
