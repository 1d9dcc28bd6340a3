// What only the projected board does: whole sentences in the ticker, keys, and tones.
'use strict';
(() => {
  const note = document.getElementById('note');
  let hideNote = 0;

  function say(text) {
    note.textContent = text;
    note.hidden = false;
    clearTimeout(hideNote);
    hideNote = setTimeout(() => { note.hidden = true; }, 2500);
  }

  // fit hides lines for which their list has no room: a sentence is shown whole or not at all. It first hides lines larger
  // than the list, because others may take their place, then those that wrap into rows or columns outside it. Each time it
  // measures all lines before it hides one, so that the browser lays out the page once, not once per line.
  function fit(list) {
    if (!list) return;
    const lines = [...list.children];
    for (const line of lines) line.classList.remove('out');
    const hide = outside => { for (const line of lines.filter(outside)) line.classList.add('out'); };

    // Measured in the layout, not on the screen: a new line may still be gliding to its place.
    const left = list.offsetLeft, top = list.offsetTop, width = list.offsetWidth + 1, height = list.offsetHeight + 1;
    hide(line => line.offsetWidth > width || line.offsetHeight > height || line.scrollWidth > line.clientWidth + 1);
    hide(line => line.offsetLeft < left || line.offsetLeft + line.offsetWidth > left + width || line.offsetTop < top || line.offsetTop + line.offsetHeight > top + height);
  }

  function fitAll() {
    fit(document.getElementById('ticker'));
    fit(document.querySelector('.spot-lines'));
  }

  document.addEventListener('parts', e => { if (e.detail.some(id => ['', 'ticker', 'spot', 'podium', 'say'].includes(id))) fitAll(); });
  addEventListener('resize', fitAll);
  new ResizeObserver(fitAll).observe(document.getElementById('ticker'));
  fitAll();

  // A short tone for a badge and for a step of a reveal, once somebody has turned the sound on.
  let audio = null;
  const tones = { badge: [660, 880], reveal: [440] };
  function play(name) {
    if (!audio) return;
    tones[name].forEach((frequency, i) => {
      const at = audio.currentTime + i * 0.12;
      const tone = audio.createOscillator(), volume = audio.createGain();
      tone.frequency.value = frequency;
      volume.gain.setValueAtTime(0.15, at);
      volume.gain.exponentialRampToValueAtTime(0.001, at + 0.25);
      tone.connect(volume).connect(audio.destination);
      tone.start(at);
      tone.stop(at + 0.25);
    });
  }

  // Several badges at once play one tone.
  let sounded = 0;
  document.addEventListener('sounds', e => {
    if (!audio || Date.now() - sounded < 300) return;
    sounded = Date.now();
    play(e.detail);
  });

  // press follows a link of the pager, if there are pages.
  const press = link => document.querySelector('#pager:not([hidden]) ' + link)?.click();

  const keys = {
    f: () => document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen?.(),
    m: () => {
      audio?.close();
      audio = audio ? null : new AudioContext();
      say(audio ? 'Sound on' : 'Sound off');
      play('reveal');
    },
    h: () => press('.turns'),
    ArrowRight: () => press('[rel=next]'),
    ArrowLeft: () => press('[rel=prev]'),
    PageDown: () => press('[rel=next]'), // sent by a presenter's clicker
    PageUp: () => press('[rel=prev]'),
  };
  document.addEventListener('keydown', e => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.repeat || e.target.closest('input, textarea, select')) return;
    keys[e.key]?.();
  });
})();
