package board

// audit is a small accessibility check: contrast of all visible text (WCAG AA), names of controls and pictures, unique ids.
// It returns one line per fault.
const audit = `(() => {
  const faults = new Set();
  const parse = c => { const m = c.match(/[\d.]+/g).map(Number); return c.startsWith('color(') ? m.map((v, i) => i < 3 ? v * 255 : v) : m; };
  const lum = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((s, v, i) => s + v * [.2126, .7152, .0722][i], 0);
  const ground = e => {
    for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > .9) return c; }
    return [255, 255, 255];
  };
  for (const e of document.querySelectorAll('body *')) {
    if (!e.checkVisibility() || e.closest('.sr,.sprite,script,noscript')) continue;
    const text = [...e.childNodes].filter(n => n.nodeType === 3).map(n => n.data.trim()).join('');
    if (text) {
      const style = getComputedStyle(e), a = lum(parse(style.color)), b = lum(ground(e));
      const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
      const px = parseFloat(style.fontSize), large = px >= 24 || (px >= 18.66 && style.fontWeight >= 700);
      if (ratio < (large ? 3 : 4.5)) faults.add('contrast ' + ratio.toFixed(2) + ' of ' + (e.className || e.nodeName) + ' "' + text.slice(0, 30) + '"');
    }
    if (e.matches('a[href], button, input, summary') && !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length)) faults.add('no name: ' + e.outerHTML.slice(0, 80));
    if (e.nodeName === 'LI' && getComputedStyle(e).display === 'list-item' && getComputedStyle(e).listStyleType !== 'none' && getComputedStyle(e).overflow !== 'visible') faults.add('no number: ' + e.textContent.slice(0, 40));
    if (e.matches('[role=img], [role=region]') && !e.getAttribute('aria-label')) faults.add('no label: ' + e.outerHTML.slice(0, 80));
  }
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.add('id twice: ' + id);
  if (!document.documentElement.lang || !document.title) faults.add('no language or title');
  if (document.querySelectorAll('h1').length !== 1) faults.add(document.querySelectorAll('h1').length + ' h1');
  return [...faults].join('\n');
})()`

// tooSmall returns the texts of the projected board that are not legible from eight metres.
const tooSmall = `[...document.querySelectorAll('body *')].filter(e => e.checkVisibility() && !e.closest('.sr,.sprite,title') &&
	[...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) && parseFloat(getComputedStyle(e).fontSize) < 27).map(e => e.className + ':' + e.textContent).join('|')`

// runsOff returns what of the projected board is outside the screen, or behind the lines at its foot.
const runsOff = `[...document.querySelectorAll('.top *, .row, .topicrow, .share, .spot, .spot *, .podium *, .cell, .bottom, .ticker, .legend li')].filter(e => e.checkVisibility() && !e.closest('svg')).filter(e => {
	const b = e.getBoundingClientRect(), foot = e.closest('.bottom') ? 1081 : document.querySelector('.bottom').getBoundingClientRect().top + 1;
	return b.left < 0 || b.top < 0 || b.right > 1921 || b.bottom > foot; }).map(e => e.id + '.' + e.className + ' ' + e.textContent.slice(0, 30)).join('|')`
