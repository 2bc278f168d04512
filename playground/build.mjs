// Packs the playground: `node build.mjs PACKAGES OUT`, where PACKAGES is the folder in which npm has installed
// package-lock.json. Every file is named after its content, compressed once, and listed in OUT/playground.rs, which
// src/http/playground.rs includes.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { gzipSync } from "node:zlib";

const [packages, out] = process.argv.slice(2);
const here = import.meta.dirname ?? new URL(".", import.meta.url).pathname;
const folder = join(out, "playground");

// The key is what index.html calls the file.
const sources = {
  "react.js": join(packages, "node_modules/react/umd/react.production.min.js"),
  "react-dom.js": join(packages, "node_modules/react-dom/umd/react-dom.production.min.js"),
  "graphiql.js": join(packages, "node_modules/graphiql/graphiql.min.js"),
  "graphiql.css": join(packages, "node_modules/graphiql/graphiql.min.css"),
};
const own = ["session.js", "examples.js", "panel.js", "view.js", "editor.js", "panel.css", "icon.svg"];
for (const name of own) sources[name] = join(here, name);

const types = { ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8" };

/** Writes an asset in its compressed form, the only one that is embedded, and returns how playground.rs lists it. */
function pack(name, content) {
  const extension = extname(name);
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 16);
  const file = `${basename(name, extension)}.${hash}${extension}`;
  const path = join(folder, file);
  // The name says what is in it: what is there was compressed by an earlier build.
  if (!existsSync(`${path}.gz`)) writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
  return { name, file, type: types[extension] };
}

/** Source maps are not embedded; a browser's debugger would ask for them. */
const withoutMap = (content) => Buffer.from(content.toString("utf8").replace(/\n?\/\/# sourceMappingURL=\S+\s*$/, "\n"));

/** The licenses of what is embedded, as they ask to be passed on. */
function licenses() {
  const text = (name) => readFileSync(join(packages, "node_modules", name, "LICENSE"), "utf8").trim();
  return ["graphiql", "react", "react-dom"].map((name) => `${name}\n\n${text(name)}\n`).join("\n\n");
}

mkdirSync(folder, { recursive: true });
const assets = Object.entries(sources).map(([name, path]) => {
  const content = readFileSync(path);
  return pack(name, name.endsWith(".js") ? withoutMap(content) : content);
});
assets.push(pack("licenses.txt", Buffer.from(licenses())));

const template = readFileSync(join(here, "index.html"), "utf8");
const page = template.replaceAll(/\{asset:([^}]+)\}/g, (_, name) => {
  const asset = assets.find((it) => it.name === name);
  if (!asset) throw new Error(`index.html names ${name}, which is not packed`);
  return `{base}/playground/${asset.file}`;
});
writeFileSync(join(folder, "index.html"), page);

const included = (macro, file) => `${macro}!(concat!(env!("OUT_DIR"), "/playground/${file}"))`;
const listed = assets.map(({ file, type }) => `        Asset {
            name: "${file}",
            content_type: "${type}",
            gzip: ${included("include_bytes", `${file}.gz`)},
        },`);
writeFileSync(join(out, "playground.rs"), `static PLAYGROUND: Option<Playground> = Some(Playground {
    page: ${included("include_str", "index.html")},
    assets: &[
${listed.join("\n")}
    ],
});
`);
