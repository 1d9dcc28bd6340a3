// A link that logs in carries the token behind the #, which browsers never send to a server.
"use strict";
const hash = location.hash.slice(1);
const field = document.getElementById("token");
if (hash) {
  // Before anything else: nobody shall read it from the address bar or find it in the history.
  history.replaceState(null, "", location.pathname + location.search);
}
if (hash && field) {
  try {
    field.value = decodeURIComponent(hash);
  } catch {
    field.value = hash; // not percent-encoded: as it stands
  }
  field.form.submit();
}
