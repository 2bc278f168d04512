// Expensive documents, generated from the introspected schema.
const INTROSPECTION = `{ __schema { queryType { name } types { kind name
  fields { name args { name type { ...R } } type { ...R } } inputFields { name type { ...R } } enumValues { name }
  possibleTypes { name } } } }
  fragment R on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }`;
const SIZES = [1, 3, 10, 30, 100];
const MAX_SELECTIONS = 900;
const MAX_ALIASES = 30;
// Texts that occur in few, in many and in all usernames and email addresses, and the names of roles.
const TEXTS = ["user1", "9999@example.org", "1@example.org", "@example.org", "user", "admin"];
const LONG_AGO = "2020-01-01T00:00:00Z";
// The most expensive fields for their size, found by earlier searches.
const MOST_EXPENSIVE = [
  `users(first: 1, filter: { search: "1@example.org" }) { edges { node { id } } }`,
  `users(last: 1, orderBy: { field: CREATED_AT }, filter: { search: "1@example.org" }) { edges { node { id } } }`,
  `users(first: 1, filter: { search: "@example.org" }) { totalCount }`,
  `users(first: 1, filter: { role: "user", state: ACTIVE }) { totalCount }`,
  `users(first: 1, filter: { search: "@example.org", role: "user", state: ACTIVE }) { totalCount }`,
  `users(first: 1, filter: { neverSignedIn: true, usernamePrefix: "user" }) { totalCount }`,
  `users(first: 1, filter: { usernamePrefix: "user", role: "user", neverSignedIn: true, createdAt: { from: "${LONG_AGO}" } }) { totalCount }`,
  `users(first: 1, filter: { state: ACTIVE }) { totalCount }`,
  `users(first: 1, filter: { createdAt: { from: "${LONG_AGO}" } }) { totalCount }`,
  `auditEvents(first: 1, filter: { action: SIGN_IN, occurredAt: { until: "${LONG_AGO}" } }) { edges { node { id } } }`,
  `admin { users { total } }`,
];

// One document for each of the most expensive fields, which selects the field `times` times.
export function repeated(times) {
  return MOST_EXPENSIVE.map((field) => `{ ${Array.from({ length: times }, (_, n) => `a${n}: ${field}`).join(" ")} }`);
}

export async function documents(server, random, options = {}) {
  const { data } = await server.send(INTROSPECTION, options);
  const types = new Map(data.__schema.types.map((type) => [type.name, type]));
  return new Documents(types, types.get(data.__schema.queryType.name), random);
}

class Documents {
  constructor(types, query, random) {
    Object.assign(this, { types, query, random });
  }

  // A random document.
  next() {
    const plan = { room: MAX_SELECTIONS, aliases: Math.floor(this.random() * MAX_ALIASES), width: this.random(), depth: 3 + Math.floor(this.random() * 6) };
    const roots = this.query.fields.filter(() => this.random() < 0.15);
    const chosen = roots.length ? roots.slice(0, 4) : [this.pick(this.query.fields)];
    return this.set(chosen, plan, 1);
  }

  // The same document with every page half as long.
  static shrunk(document) {
    return document.replace(/(first|last): (\d+)/g, (_, name, size) => `${name}: ${Math.max(1, Math.floor(size / 2))}`);
  }

  set(fields, plan, depth) {
    const selected = fields.flatMap((field) => this.repeated(field, plan, depth));
    return `{ ${selected.length ? selected.join(" ") : "__typename"} }`;
  }

  repeated(field, plan, depth) {
    const copies = [this.field(field, plan, depth)];
    while (plan.aliases > 0 && plan.room > 0 && this.random() < 0.4) {
      plan.aliases -= 1;
      copies.push(`a${plan.aliases}: ${this.field(field, plan, depth)}`);
    }
    return copies.filter(Boolean);
  }

  field(field, plan, depth) {
    const target = this.types.get(named(field.type).name);
    const composite = ["OBJECT", "INTERFACE", "UNION"].includes(target.kind);
    if (plan.room <= 0 || (composite && depth >= plan.depth)) return "";
    plan.room -= 1;
    const given = this.arguments(field);
    if (given === undefined) return "";
    if (!composite) return field.name + given;
    const fields = (target.fields ?? []).filter((below) => this.random() < 0.3 + plan.width);
    const below = this.set(fields, plan, depth + 1);
    const kinds = (target.possibleTypes ?? []).map(({ name }) => this.types.get(name));
    const parts = kinds.map((kind) => `... on ${kind.name} ${this.set(kind.fields, plan, depth + 1)}`).join(" ");
    return `${field.name}${given} ${parts ? below.replace(/ }$/, ` ${parts} }`) : below}`;
  }

  // The arguments of a field, or undefined if there is no value for a required one.
  arguments(field) {
    const given = [];
    for (const argument of field.args) {
      const value = this.value(field, argument);
      if (value !== undefined) given.push(`${argument.name}: ${value}`);
      else if (argument.type.kind === "NON_NULL") return undefined;
    }
    return given.length ? `(${given.join(", ")})` : "";
  }

  value(field, { name, type }) {
    if (name === "first") return this.pick(SIZES);
    if (name === "coordinates") return this.coordinates();
    if (name === "document") return JSON.stringify("{ me { id email roles { name } sessions { edges { node { id } } } } }");
    if (field.name === "explainAccess") return undefined;
    const inner = named(type);
    const kind = this.types.get(inner.name)?.kind;
    if (kind === "INPUT_OBJECT" && this.random() < 0.5) return this.object(inner.name);
    return undefined;
  }

  object(name) {
    const fields = this.types.get(name).inputFields.flatMap((field) => {
      const type = this.types.get(named(field.type).name);
      if (field.type.kind !== "NON_NULL" && this.random() < 0.4) return [];
      if (type.kind === "INPUT_OBJECT") return [`${field.name}: ${this.object(type.name) ?? "null"}`];
      if (type.kind === "ENUM") return [`${field.name}: ${this.pick(type.enumValues).name}`];
      if (field.type.kind === "NON_NULL") return [undefined];
      if (type.name === "String") return [`${field.name}: "${this.pick(TEXTS)}"`];
      if (type.name === "DateTime") return [`${field.name}: "${LONG_AGO}"`];
      if (type.name === "Boolean") return [`${field.name}: true`];
      return [];
    });
    return fields.includes(undefined) ? undefined : `{ ${fields.join(", ")} }`;
  }

  coordinates() {
    if (this.random() < 0.3) return undefined;
    const all = [...this.types.values()].flatMap((type) => (type.fields ?? []).map((field) => `${type.name}.${field.name}`));
    return JSON.stringify(Array.from({ length: this.pick([5, 50, 300]) }, () => this.pick(all)));
  }

  pick(list) {
    return list[Math.floor(this.random() * list.length)];
  }
}

export const shrunk = Documents.shrunk;

function named(type) {
  return type.ofType ? named(type.ofType) : type;
}
