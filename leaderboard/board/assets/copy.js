// Adds a copy button to each code block.
'use strict';
(() => {
  const announcer = document.getElementById('announcer');

  // copy also works on a page without TLS, where browsers have no clipboard API.
  function copy(text) {
    const box = document.createElement('textarea');
    box.value = text;
    box.setAttribute('readonly', '');
    box.className = 'sr';
    const focused = document.activeElement;
    document.body.append(box);
    box.select();
    const done = document.execCommand('copy');
    box.remove();
    focused?.focus({ preventScroll: true });
    return done;
  }

  // what returns a block's name for screen readers: the file named in the text before it, and the heading above.
  function what(pre) {
    let file = '';
    for (let e = pre.previousElementSibling; e; e = e.previousElementSibling) {
      if (/^H[1-6]$/.test(e.tagName)) return [file, e.textContent.trim()].filter(Boolean).join(', ');
      if (e.tagName === 'P' && !file) file = /\bas ([\w.]+\.\w+)/.exec(e.textContent)?.[1] || '';
    }
    return 'this block';
  }

  function addButtons() {
    const names = new Map();
    for (const pre of document.querySelectorAll('main pre')) {
      if (pre.parentElement.classList.contains('copyable')) continue;
      const name = what(pre), number = (names.get(name) || 0) + 1;
      names.set(name, number);
      const frame = document.createElement('div');
      frame.className = 'copyable';
      pre.replaceWith(frame);
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'copy';
      button.textContent = 'Copy';
      button.setAttribute('aria-label', 'Copy: ' + name + (number > 1 ? ', ' + number : ''));
      button.addEventListener('click', () => {
        const done = copy(pre.textContent.replace(/\n$/, ''));
        button.textContent = done ? 'Copied' : 'Failed';
        announcer.textContent = done ? 'Copied.' : 'This browser does not let a page copy: select the text, and copy it.';
        setTimeout(() => { button.textContent = 'Copy'; announcer.textContent = ''; }, 2000);
      });
      frame.append(pre, button);
    }
  }

  addButtons();
  document.addEventListener('parts', e => { if (e.detail.includes('')) addButtons(); }); // the whole page was replaced
})();
