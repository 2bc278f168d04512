// The bar above the editor: register, sign in, sign out, and the signed-in user.
"use strict";

/** Shows `session` in the bar, with the forms that change it. */
function startPanel(session) {
  const at = (id) => document.getElementById(id);
  const form = at("sign-in");

  function showMessage(text, isError = false) {
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

  /** Runs `action` with the form's values, and moves the focus to the next control. */
  async function submit(action) {
    if (!form.reportValidity()) return;
    const buttons = form.querySelectorAll("button");
    for (const button of buttons) button.disabled = true;
    showMessage("");
    try {
      await action.call(session, form.username.value, form.password.value);
      form.reset();
      at("sign-out").focus();
    } catch (error) {
      showMessage(error.message, true);
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
    showMessage(detail);
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

/** Shows the server's version, and the registration button if registration is open. */
async function showServer(session, at) {
  const { data } = await session.send({ query: "{ serverInfo { version registrationOpen } }" }).catch(() => ({}));
  if (!data?.serverInfo) return;
  at("version").textContent = data.serverInfo.version;
  at("register").hidden = !data.serverInfo.registrationOpen;
}
