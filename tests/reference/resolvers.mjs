// The resolvers of `crates/guard/examples/reference.rs`, for graphql-js.
import { GraphQLError } from "graphql";

const later = () => new Promise((resolve) => setImmediate(resolve));

function fail(what, number, divisor) {
  if (number % divisor === 0) throw new GraphQLError(`${what} of ${number}`);
  return number;
}

const deny = () => {
  throw new GraphQLError("denied");
};

const items = (value) => [value, value + 1, value + 2].map((it) => new Item(it));
const someItems = (value) => items(value).map((item) => (item.value % 4 === 1 ? null : item));

function describe({ prefix, times, kinds, inner }, value) {
  return `${prefix}${value}/${times}/${kinds?.length ?? 0}/${inner ? describe(inner, value) : ""}`;
}

class Number {
  constructor(value) {
    this.value = value;
  }
  text = () => (this.value % 5 === 0 ? null : `nä"${this.value}"`);
  kind = () => (this.value % 2 === 0 ? "EVEN" : "ODD");
  matrix = () => [[this.value, 1], null, []];
  late = async () => (await later(), this.value + 0.5);
  fails = () => fail("fails", this.value, 3);
  failsRequired = () => fail("failsRequired", this.value, 3);
  failsLate = async () => (await later(), fail("failsLate", this.value, 4));
  denied = deny;
  deniedRequired = deny;
  next = () => (this.value % 7 === 6 ? null : new Number(this.value + 1));
  nextRequired = () => new Number(fail("nextRequired", this.value, 5) + 1);
  nextLate = async () => {
    await later();
    return this.value % 6 === 0 || this.value % 2 === 0 ? null : new Number(this.value + 1);
  };
  plus = ({ number, add }) => new Number((this.value + number + (add ?? []).reduce((sum, it) => sum + (it ?? 0), 0)) % 100);
  described = ({ input }) => describe(input, this.value);
  chosen = ({ choice }) => ("number" in choice ? `number ${choice.number}` : `text ${choice.text}`);
  listNN = () => items(this.value);
  listNn = () => someItems(this.value);
  listnN = () => items(this.value);
  listnn = async () => (await later(), someItems(this.value));
  entry = () => (this.value % 2 === 0 ? this : new Item(this.value));
  thing = () => (this.value % 2 === 0 ? this : new Item(this.value));
  things = () => [this, new Item(this.value)];
}

class Item {
  constructor(value) {
    this.value = value;
  }
  weight = () => fail("weight", this.value, 2);
  weightLate = async () => (await later(), fail("weightLate", this.value, 3));
  number = () => new Number(this.value);
}

export const resolveType = (value) => value.constructor.name;

export function rootValue() {
  let counter = 0;
  return {
    number: ({ of }) => (of === 13 ? null : new Number(of)),
    numbers: ({ first }) => [0, 1, 2, 3, 4].slice(0, Math.max(0, Math.min(5, first))).map((it) => new Number(it)),
    lateNumbers: async () => (await later(), [1, 2, 3].map((it) => new Number(it))),
    thing: ({ kind }) => (kind === "ODD" ? new Item(1) : new Number(2)),
    entries: () => [new Number(4), null, new Item(3)],
    add: async ({ by }) => {
      const before = counter;
      await later();
      counter = before + by;
      return new Number(fail("add", counter, 5));
    },
  };
}
