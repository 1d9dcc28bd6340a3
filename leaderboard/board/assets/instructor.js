// What the instructor does: asks first where it matters, sends it, and says what came of it.
'use strict';
(() => {
  const ask = document.getElementById('ask');
  const question = document.getElementById('question');
  const result = document.getElementById('result');
  const spoken = document.getElementById('spoken');

  // The close event comes after the dialog has closed, perhaps when it asks the next thing already.
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

  async function act(path, body) {
    result.className = 'result';
    result.textContent = 'Sending …';
    try {
      const answer = await fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
      if (answer.status === 401) { location.assign('/login?next=/instructor'); return false; }
      const text = answer.ok ? 'Done.' : (await answer.json()).error;
      result.textContent = spoken.textContent = text;
      result.classList.toggle('bad', !answer.ok);
      return answer.ok;
    } catch {
      result.textContent = spoken.textContent = 'The leaderboard did not answer: nothing may have changed. Look, then try again.';
      result.classList.add('bad');
      return false;
    }
  }

  document.addEventListener('click', async e => {
    const button = e.target.closest('button[data-act]');
    if (!button) return;
    const { act: path, body = '{}', confirm } = button.dataset;
    if (await confirmed(confirm)) await act(path, body);
  });

  // A presenter's clicker sends PageDown and PageUp.
  document.addEventListener('keydown', e => {
    const how = { PageDown: 'next', PageUp: 'back' }[e.key];
    if (!how || ask.open || !document.querySelector('#reveal button')) return;
    e.preventDefault();
    act('/api/instructor/reveal', JSON.stringify({ how }));
  });

  document.addEventListener('submit', async e => {
    const form = e.target.closest('form[data-act]');
    if (!form) return;
    e.preventDefault();
    if (await act(form.dataset.act, JSON.stringify(Object.fromEntries(new FormData(form))))) {
      if (form.classList.contains('say-form')) form.reset();
    }
  });
})();
