// The bar above the editor: register, sign in, sign out, and who one is.
"use strict";

/** Shows `session` in the bar, and lets people change it. */
function startPanel(session) {
  const at = (id) => document.getElementById(id);
  const form = at("sign-in");

  function say(text, isError = false) {
    at("message").textContent = text ?? "";
    at("message").classList.toggle("error", isError);
  }

  function show() {
    const { user } = session;
    form.hidden = Boolean(user);
    at("signed-in").hidden = !user;
    at("who").textContent = user?.username ?? "";
    at("initial").textContent = [...(user?.username ?? "")].slice(0, 1).join("").toUpperCase();
    at("roles").replaceChildren(...(user?.roles ?? []).map(chip));
  }

  /** Runs `act` with what was typed, and puts the reader where things go on. */
  async function submit(act) {
    if (!form.reportValidity()) return;
    const buttons = form.querySelectorAll("button");
    for (const button of buttons) button.disabled = true;
    say("");
    try {
      await act.call(session, form.username.value, form.password.value);
      form.reset();
      at("sign-out").focus();
    } catch (error) {
      say(error.message, true);
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(session.signIn);
  });
  at("register").addEventListener("click", () => submit(session.register));
  at("sign-out").addEventListener("click", () => {
    session.signOut();
    form.username.focus();
  });
  session.addEventListener("change", ({ detail }) => {
    say(detail);
    show();
  });

  show();
  showServer(session, at);
}

function chip({ name }) {
  const chip = document.createElement("span");
  chip.className = "role";
  chip.setAttribute("role", "listitem");
  chip.textContent = name;
  return chip;
}

/** What the bar says of the server: its version, and whether one can register. */
async function showServer(session, at) {
  const { data } = await session.send({ query: "{ serverInfo { version registrationOpen } }" }).catch(() => ({}));
  if (!data?.serverInfo) return;
  at("version").textContent = data.serverInfo.version;
  at("register").hidden = !data.serverInfo.registrationOpen;
}
