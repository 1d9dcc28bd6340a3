// A link that logs in carries the token behind the #, which browsers do not send.
"use strict";
const token = decodeURIComponent(location.hash.slice(1));
const field = document.getElementById("token");
if (token && field) {
  history.replaceState(null, "", location.pathname + location.search);
  field.value = token;
  field.form.submit();
}
