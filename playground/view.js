// The role as which the schema is shown, for those who may read roles. Fields are run as oneself all the same.
"use strict";

// The value of each choice is what `extensions.viewAs` is then, as JSON; oneself has none.
const MYSELF = { value: "", text: "myself" };
const NOBODY = { value: "null", text: "not signed in" };

/** What is chosen in the bar. Dispatches `change` when the reader chooses something else. */
class SchemaView extends EventTarget {
  #session;
  #field = document.getElementById("view");
  #select = document.getElementById("view-as");
  /** The account the choices are for. */
  #owner = null;

  constructor(session) {
    super();
    this.#session = session;
    this.#select.addEventListener("change", () => this.dispatchEvent(new Event("change")));
    session.addEventListener("change", () => this.#offer());
    this.#offer();
  }

  /** The request as it is to be sent: one for the schema asks for the schema as chosen. */
  apply(request) {
    const chosen = this.#select.value;
    if (!chosen || request.operationName !== "IntrospectionQuery") return request;
    return { ...request, extensions: { ...request.extensions, viewAs: JSON.parse(chosen) } };
  }

  /** Offers the roles there are to those who may read them. Whoever comes begins with himself. */
  async #offer() {
    const { user } = this.#session;
    const may = user?.permissions?.includes("roles:read") ?? false;
    this.#field.hidden = !may;
    if (!may || this.#owner !== user.id) this.#fill([]);
    this.#owner = may ? user.id : null;
    if (!may) return;
    const { data } = await this.#session.send({ query: "{ roles { name } }" }).catch(() => ({}));
    if (!data?.roles || this.#owner !== user.id) return;
    const before = this.#select.value;
    this.#fill(data.roles);
    if (this.#select.value !== before) this.dispatchEvent(new Event("change"));
  }

  #fill(roles) {
    const chosen = this.#select.value;
    const named = roles.map(({ name }) => ({ value: JSON.stringify(name), text: name }));
    const choices = [MYSELF, ...named, NOBODY];
    this.#select.replaceChildren(...choices.map(({ value, text }) => new Option(text, value)));
    // A role that is gone cannot stay chosen.
    const stays = roles.length > 0 && choices.some((it) => it.value === chosen);
    this.#select.value = stays ? chosen : MYSELF.value;
  }
}
