// A link that logs in carries the token behind the #, which browsers never send to a server.
"use strict";
const hash = location.hash.slice(1);
const field = document.getElementById("token");
if (hash) {
  // First of all: nobody may read it in the address bar or find it in the history.
  history.replaceState(null, "", location.pathname + location.search);
}
if (hash && field) {
  try {
    field.value = decodeURIComponent(hash);
  } catch {
    field.value = hash; // not percent-encoded: use it unchanged
  }
  field.form.submit();
}
