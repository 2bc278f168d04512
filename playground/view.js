// Shows the schema as another role, for users with `roles:read`. Queries still run with the user's own permissions.
"use strict";

// The value of each choice is `extensions.viewAs` as JSON. `MYSELF` sends none.
const MYSELF = { value: "", text: "myself" };
const ANONYMOUS = { value: "null", text: "not signed in" };

/** The chosen role. Dispatches `change` when the user chooses another one. */
class SchemaView extends EventTarget {
  #session;
  #field = document.getElementById("view");
  #select = document.getElementById("view-as");
  /** The id of the user that the choices are for. */
  #owner = null;

  constructor(session) {
    super();
    this.#session = session;
    this.#select.addEventListener("change", () => this.dispatchEvent(new Event("change")));
    session.addEventListener("change", () => this.#offer());
    this.#offer();
  }

  /** Returns the request to send. Adds `viewAs` to introspection requests. */
  apply(request) {
    const chosen = this.#select.value;
    if (!chosen || request.operationName !== "IntrospectionQuery") return request;
    return { ...request, extensions: { ...request.extensions, viewAs: JSON.parse(chosen) } };
  }

  /** Offers the roles to users with `roles:read`. A new user starts with their own view. */
  async #offer() {
    const { user } = this.#session;
    const canReadRoles = user?.permissions?.some(({ name }) => name === "roles:read") ?? false;
    this.#field.hidden = !canReadRoles;
    if (!canReadRoles || this.#owner !== user.id) this.#fill([]);
    this.#owner = canReadRoles ? user.id : null;
    if (!canReadRoles) return;
    const { data } = await this.#session.send({ query: "{ roles { name } }" }).catch(() => ({}));
    if (!data?.roles || this.#owner !== user.id) return;
    const before = this.#select.value;
    this.#fill(data.roles);
    if (this.#select.value !== before) this.dispatchEvent(new Event("change"));
  }

  #fill(roles) {
    const chosen = this.#select.value;
    const named = roles.map(({ name }) => ({ value: JSON.stringify(name), text: name }));
    const choices = [MYSELF, ...named, ANONYMOUS];
    this.#select.replaceChildren(...choices.map(({ value, text }) => new Option(text, value)));
    // A deleted role can't stay chosen.
    const stays = roles.length > 0 && choices.some((choice) => choice.value === chosen);
    this.#select.value = stays ? chosen : MYSELF.value;
  }
}
