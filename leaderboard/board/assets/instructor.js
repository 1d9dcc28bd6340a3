// Sends the instructor's commands, after a confirmation where it matters, and shows the result.
'use strict';
(() => {
  const ask = document.getElementById('ask');
  const question = document.getElementById('question');
  const result = document.getElementById('result');
  const announcer = document.getElementById('announcer');

  // The close event arrives after the dialog has closed, when it may be open again with the next question.
  let answer = () => {};
  ask.addEventListener('close', () => { if (!ask.open) answer(ask.returnValue === 'yes'); });

  const confirmed = text => new Promise(done => {
    if (!text) { done(true); return; }
    answer(false);
    answer = done;
    question.textContent = text;
    ask.returnValue = 'no';
    ask.showModal();
  });

  async function send(path, body) {
    result.className = 'result';
    result.textContent = 'Sending …';
    try {
      const response = await fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
      if (response.status === 401) { location.assign('/login?next=/instructor'); return false; }
      const text = response.ok ? 'Done.' : (await response.json()).error;
      result.textContent = announcer.textContent = text;
      result.classList.toggle('bad', !response.ok);
      return response.ok;
    } catch {
      result.textContent = announcer.textContent = 'The leaderboard did not answer. Check whether the change is there before you try again.';
      result.classList.add('bad');
      return false;
    }
  }

  document.addEventListener('click', async e => {
    const button = e.target.closest('button[data-act]');
    if (!button || button.getAttribute('aria-disabled') === 'true') return;
    const { act: path, body = '{}', confirm } = button.dataset;
    if (await confirmed(confirm)) await send(path, body);
  });

  // The deck of questions is fetched when it is opened, because it changes with every member.
  document.addEventListener('toggle', async e => {
    const deck = e.target.open && e.target.querySelector?.('[data-deck]');
    if (!deck) return;
    try {
      const answer = await fetch(deck.dataset.deck);
      if (!answer.ok) throw new Error(answer.status);
      deck.replaceChildren(...(await answer.json()).map(deckItem));
    } catch {
      deck.textContent = 'The leaderboard did not answer: close and open this again.';
    }
  }, true);

  function deckItem(q) {
    const li = document.createElement('li'), text = document.createElement('bdi');
    text.textContent = q.text || q.kind;
    li.append(text, ' ');
    if (q.askable) {
      const button = document.createElement('button');
      button.type = 'button';
      button.dataset.act = '/api/instructor/prediction';
      button.dataset.body = JSON.stringify({ question: q.id, team: q.team });
      button.textContent = 'Ask';
      li.append(button);
    } else {
      const why = document.createElement('span');
      why.className = 'soft';
      why.textContent = 'not now: ' + q.why;
      li.append(why);
    }
    return li;
  }

  // A select or field outside a form sends its value when it changes.
  document.addEventListener('change', async e => {
    const field = e.target.closest('[data-act][data-field]');
    if (!field || !field.value) return;
    const done = await send(field.dataset.act, JSON.stringify({ [field.dataset.field]: field.value }));
    if (done && field.nodeName === 'INPUT') field.value = '';
  });

  // Keys for the run sheet, outside text fields: n next, b back, + another minute.
  document.addEventListener('keydown', e => {
    if (ask.open || e.ctrlKey || e.altKey || e.metaKey || e.repeat || e.target.closest('input, select, textarea')) return;
    const button = document.querySelector(`button[data-hot="${CSS.escape(e.key)}"]`);
    if (!button) return;
    e.preventDefault();
    button.click();
  });

  // A presenter's clicker sends PageDown and PageUp.
  document.addEventListener('keydown', e => {
    const how = { PageDown: 'next', PageUp: 'back' }[e.key];
    if (!how || ask.open || !document.querySelector('#reveal button')) return;
    e.preventDefault();
    send('/api/instructor/reveal', JSON.stringify({ how }));
  });

  document.addEventListener('submit', async e => {
    const form = e.target.closest('form[data-act]');
    if (!form) return;
    e.preventDefault();
    const fields = Object.fromEntries(new FormData(form)), number = form.dataset.number;
    if (number) {
      const { value, fault } = workshop.number(fields[number]);
      if (fault) {
        result.className = 'result bad';
        result.textContent = announcer.textContent = fault;
        return;
      }
      fields[number] = value;
    }
    const done = await send(form.dataset.act, JSON.stringify(fields));
    if (done && (number || form.classList.contains('say-form'))) form.reset();
  });
})();
