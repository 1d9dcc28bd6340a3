// Shows the times of strips, and of pages without events, in the viewer's zone, and moves a strip's end with the clock.
'use strict';
(() => {
  const { clock } = workshop;
  const skew = Date.now() - Number(document.body.dataset.now); // this clock minus the server's

  workshop.axisTime = t => clock(Number(t.dataset.at)).slice(0, t.dataset.seconds ? 8 : 5);

  if (!document.body.dataset.events) { // otherwise live.js does it
    for (const t of document.querySelectorAll('time[datetime]')) t.textContent = clock(t.dateTime);
  }
  for (const t of document.querySelectorAll('text[data-at]')) t.textContent = workshop.axisTime(t);

  // extend draws a strip as of now: ended spans keep their place in time, and lasting ones reach to now.
  function extend(plot, now) {
    const from = Number(plot.dataset.from), window = Number(plot.dataset.window);
    const left = plot.dataset.slides ? Math.max((now - from) / window - 1, 0) : 0; // in windows, like the width
    const width = plot.dataset.slides ? 1 : Math.max((now - from) / window, 1);
    const past = plot.querySelector('.strip-past'), layer = plot.querySelector('.strip-layer');
    const [, , , height] = past.getAttribute('viewBox').split(' ');
    past.setAttribute('viewBox', `${left * 10000} 0 ${width * 10000} ${height}`);
    layer.setAttribute('x', `${-left / width * 100}%`);
    layer.setAttribute('width', `${100 / width}%`);
    for (const lane of layer.querySelectorAll('.lasts')) {
      const since = Math.max(Number(lane.dataset.since), from);
      lane.setAttribute('width', `${Math.max((now - since) / window * 100, .1)}%`);
    }
  }

  function extendAll() {
    if (document.hidden || document.body.classList.contains('disconnected')) return;
    const now = Date.now() - skew;
    for (const plot of document.querySelectorAll('.strip-plot[data-live]')) {
      if (now > Number(plot.dataset.until)) extend(plot, now);
    }
  }

  if (document.body.dataset.events) {
    extendAll();
    setInterval(extendAll, 1000);
  }
})();
