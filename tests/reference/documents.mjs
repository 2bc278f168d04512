// Generates GraphQL documents for the schema of `crates/guard/examples/reference.rs`: aliases that merge, fragments of all
// kinds, directives, variables, arguments of every type, and mutations.

const LEAVES = {
  Number: ["value", "v: value", "text", "kind", "matrix", "late", "fails", "failsRequired", "failsLate", "denied", "deniedRequired"],
  Item: ["value", "weight", "weightLate"],
  Thing: ["value", "v: value"],
  Entry: [],
};
const OBJECTS = {
  Query: [["number", "Number"], ["numbers", "Number"], ["lateNumbers", "Number"], ["thing", "Thing"], ["one: thing", "Thing"], ["entries", "Entry"]],
  Mutation: [["add", "Number"], ["a: add", "Number"], ["b: add", "Number"]],
  Number: [
    ["next", "Number"],
    ["next", "Number"],
    ["n: next", "Number"],
    ["nextRequired", "Number"],
    ["nextLate", "Number"],
    ["plus", "Number"],
    ["listNN", "Item"],
    ["listNn", "Item"],
    ["listnN", "Item"],
    ["listnn", "Item"],
    ["entry", "Entry"],
    ["thing", "Thing"],
    ["things", "Thing"],
  ],
  Item: [["number", "Number"]],
  Thing: [],
  Entry: [],
};
const FRAGMENTS = {
  Query: ["Query"],
  Mutation: ["Mutation"],
  Number: ["Number", "Thing", "Entry"],
  Item: ["Item", "Thing"],
  Thing: ["Number", "Item", "Thing"],
  Entry: ["Number", "Item", "Thing"],
};
const VARIABLES = { yes: ["Boolean!", true], no: ["Boolean = false"], two: ["Int!", 2], many: ["[Int]", [1, null, 2]], absent: ["Int"] };

class Generator {
  constructor(seed) {
    this.state = seed;
  }

  // A linear congruential generator: the same seed gives the same documents.
  below(limit) {
    this.state = (this.state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return Math.floor((this.state / 4_294_967_296) * limit);
  }

  // One of the list. A function makes its value only if it is chosen.
  of(list) {
    const chosen = list[this.below(list.length)];
    return typeof chosen === "function" ? chosen() : chosen;
  }

  document() {
    [this.fragments, this.variables] = [[], new Set()];
    const root = this.below(6) === 0 ? "Mutation" : "Query";
    this.isMutation = root === "Mutation";
    const selection = this.selection(root, 1 + this.below(4));
    const names = [...this.variables];
    const declared = names.map((name) => `$${name}: ${VARIABLES[name][0]}`).join(", ");
    const query = `${root.toLowerCase()} ${declared && `(${declared})`} ${selection} ${this.fragments.join(" ")}`;
    const variables = Object.fromEntries(names.filter((it) => VARIABLES[it].length > 1).map((it) => [it, VARIABLES[it][1]]));
    return { query, variables };
  }

  variable(name) {
    this.variables.add(name);
    return `$${name}`;
  }

  selection(type, depth) {
    const parts = Array.from({ length: 1 + this.below(4) }, () => this.part(type, depth));
    return `{ ${parts.join(" ")} }`;
  }

  part(type, depth) {
    const choice = this.below(10);
    if (choice === 0) return `__typename${this.directive()}`;
    if (choice < 3 && depth > 0) return this.fragment(type, depth - 1);
    if (choice < 7 && depth > 0 && OBJECTS[type].length > 0) {
      const [field, target] = this.of(OBJECTS[type]);
      return `${field}${this.arguments(field)}${this.directive()} ${this.selection(target, depth - 1)}`;
    }
    if (type === "Number" && choice === 8) return this.withArguments();
    // The engine refuses a mutation with a denied field as a whole, before anything runs.
    const leaves = (LEAVES[type] ?? []).filter((it) => !(this.isMutation && it.startsWith("denied")));
    return leaves.length > 0 ? `${this.of(leaves)}${this.directive()}` : "__typename";
  }

  fragment(type, depth) {
    const on = this.of(FRAGMENTS[type]);
    const selection = this.selection(on, depth);
    if (this.below(2) === 0) return `...${on === type && this.below(2) === 0 ? "" : ` on ${on}`}${this.directive()} ${selection}`;
    const name = `F${this.fragments.length}`;
    this.fragments.push(`fragment ${name} on ${on} ${selection}`);
    return `...${name}${this.directive()}`;
  }

  directive() {
    if (this.below(8) > 0) return "";
    const condition = this.of(["true", "false", () => this.variable("yes"), () => this.variable("no")]);
    return ` @${this.of(["skip", "include"])}(if: ${condition})`;
  }

  arguments(field) {
    if (this.below(2) === 0) return "";
    const values = {
      number: () => `of: ${this.of([0, 1, 2, 3, 5, 6, 13, -4, () => this.variable("two"), () => this.variable("absent")])}`,
      numbers: () => `first: ${this.of([0, 2, 4, 9, () => this.variable("two")])}`,
      thing: () => `kind: ${this.of(["ODD", "EVEN", "null"])}`,
      add: () => `by: ${this.of([1, 2, 5, () => this.variable("two")])}`,
      plus: () => this.of(["number: 3", "add: [1, null]", "add: null", () => `add: ${this.variable("many")}`, "add: 4", () => `number: ${this.variable("absent")}`]),
    };
    const made = values[field.split(" ").at(-1)];
    return made ? `(${made()})` : "";
  }

  withArguments() {
    return this.of([
      `described(input: { prefix: "p" })`,
      `d: described(input: { prefix: "\\u00e4\\n", times: 2, kinds: [ODD, EVEN] })`,
      () => `e: described(input: { prefix: "a", times: ${this.variable("two")}, kinds: null, inner: { prefix: "b", kinds: ODD } })`,
      `chosen(choice: { number: 3 })`,
      `c: chosen(choice: { text: "t" })`,
      () => `f: chosen(choice: { number: ${this.variable("two")} })`,
    ]);
  }
}

// `count` requests.
export function* documents(count, seed) {
  const generator = new Generator(seed);
  for (let made = 0; made < count; made += 1) yield generator.document();
}
