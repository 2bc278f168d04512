// Holds the engine's answers against graphql-js, the reference implementation, on the schema of
// `crates/guard/examples/reference.rs`: generated documents must have the same data and the same errors.
//
//     node tests/reference/compare.mjs            # 2,000 documents, as continuous integration runs it
//     node tests/reference/compare.mjs 20000 7    # 20,000 documents, with seed 7
import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { buildSchema, execute, parse, validate } from "graphql";
import { documents } from "./documents.mjs";
import { rootValue, resolveType } from "./resolvers.mjs";

const binary = process.env.FIELDGUARD_TEST_BINARY ?? "target/debug/examples/reference";
const [count, seed] = [Number(process.argv[2] ?? 2000), Number(process.argv[3] ?? 1)];

const schema = buildSchema(spawnSync(binary, ["schema"], { encoding: "utf8" }).stdout);
for (const type of ["Thing", "Entry"]) schema.getType(type).resolveType = resolveType;

async function reference({ query, variables }) {
  const document = parse(query);
  const invalid = validate(schema, document);
  if (invalid.length > 0) return { invalid: invalid[0].message };
  return execute({ schema, document, rootValue: rootValue(), variableValues: variables });
}

// Sections 5.3.2 and 5.8 of the specification compare fields that a constant `@skip` excludes, too. The engine does not: no
// answer depends on it.
const isExcluded = ({ query }, { invalid }) =>
  invalid.includes("conflict") && /@(skip\(if: true|include\(if: false)/.test(query);

// graphql-js leaves rejections of siblings unhandled after an error has made their parent null.
process.on("unhandledRejection", () => {});

// The engine says what a refused caller lacks.
const key = ({ path, message, extensions }) =>
  `${(path ?? []).join(".")}: ${extensions?.code === "UNAUTHENTICATED" ? "denied" : message}`;

// Whether `path` is in a part of the data that is null because of the error at `other`.
function isHidden(data, path, other) {
  let value = data;
  for (const [depth, segment] of [...path, undefined].entries()) {
    if (value === null) return path.slice(0, depth).every((it, index) => it === other[index]);
    value = value?.[segment];
  }
  return false;
}

// An error that makes an object null may keep its other fields from running, so their errors are optional.
function difference(found, expected) {
  if (JSON.stringify(found.data) !== JSON.stringify(expected.data)) return "data";
  const [ours, theirs] = [found.errors ?? [], expected.errors ?? []];
  const missing = (errors, others) =>
    errors.find(
      (error) =>
        !others.some((other) => key(other) === key(error)) &&
        !others.some((other) => isHidden(expected.data, error.path ?? [], other.path ?? [])),
    );
  const [lacking, extra] = [missing(theirs, ours), missing(ours, theirs)];
  if (lacking) return `lacks ${key(lacking)}`;
  if (extra) return `has ${key(extra)}`;
  const common = ours.filter((error) => theirs.some((other) => key(other) === key(error)));
  return new Set(common.map(key)).size === common.length ? undefined : "has an error twice";
}

const engine = spawn(binary, { stdio: ["pipe", "pipe", "inherit"] });
const answers = createInterface({ input: engine.stdout })[Symbol.asyncIterator]();
const totals = { compared: 0, failing: 0, invalid: 0, different: 0 };
for (const request of documents(count, seed)) {
  const expected = await reference(request);
  engine.stdin.write(`${JSON.stringify(request)}\n`);
  const found = JSON.parse((await answers.next()).value);
  if (expected.invalid) {
    totals.invalid += 1;
    if (found.data != null && !isExcluded(request, expected)) report(request, `runs, although ${expected.invalid}`, found, expected);
    continue;
  }
  totals.compared += 1;
  if (expected.errors) totals.failing += 1;
  const problem = difference(found, expected);
  if (problem) report(request, problem, found, expected);
}
engine.stdin.end();

function report(request, problem, found, expected) {
  totals.different += 1;
  if (totals.different > 5) return;
  console.error(`\n${problem}\n${JSON.stringify(request)}\nengine:     ${JSON.stringify(found)}\ngraphql-js: ${JSON.stringify(expected)}`);
}

console.log(totals);
if (totals.compared < count / 2 || totals.failing === 0 || totals.different > 0) process.exit(1);
