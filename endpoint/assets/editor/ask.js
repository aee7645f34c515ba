// Sends a query to where it runs and tells what came back in one of four shapes.
// https://www.w3.org/TR/sparql11-protocol/#query-operation

const ACCEPT = "application/sparql-results+json, application/n-triples;q=0.9";
// More than this is no page any more: the reader is led to the file.
const MOST = 20_000_000;

// {kind: "rows", variables, rows} | {kind: "boolean", value} | {kind: "statements", rows, …} |
// {kind: "problem", title, detail, language, line} | {kind: "long"}
export async function ask(address, query, { signal, fields = {} } = {}) {
  const response = await send(address, query, ACCEPT, signal, fields);
  if (!response.ok) return problem(response);
  if (Number(response.headers.get("Content-Length")) > MOST) {
    await response.body?.cancel();
    return { kind: "long" };
  }
  const left = response.headers.get("Atlas-Partial");
  const type = response.headers.get("Content-Type") ?? "";
  if (!type.includes("json")) return { ...statements(await response.text()), left };
  const answer = await response.json();
  if ("boolean" in answer) return { kind: "boolean", value: answer.boolean, left };
  return { kind: "rows", variables: answer.head.vars, rows: answer.results.bindings, left };
}

// Who is asked what, and what came of it: see docs/federation.md.
export async function explain(address, query, { signal, fields = {} } = {}) {
  const response = await send(address, query, ACCEPT, signal, { ...fields, explain: "1" });
  return response.ok ? { kind: "plan", plan: await response.json() } : problem(response);
}

export async function results(address, query, signal) {
  const answer = await ask(address, query, { signal });
  return answer.kind === "rows" ? answer.rows : [];
}

function send(address, query, accept, signal, fields) {
  return fetch(address, {
    method: "POST",
    body: new URLSearchParams({ query, ...fields }),
    headers: { Accept: accept, "Accept-Language": document.documentElement.lang },
    signal,
  });
}

async function problem(response) {
  const type = response.headers.get("Content-Type") ?? "";
  const told = type.includes("json") ? await response.json() : {};
  return {
    kind: "problem",
    slug: (told.type ?? "").split("/").at(-1),
    title: told.title ?? response.statusText,
    detail: told.translation?.detail ?? told.detail ?? `HTTP ${response.status}`,
    language: told.translation?.language ?? "en",
    line: told.line,
    column: told.column,
  };
}

// N-Triples as rows of three. https://www.w3.org/TR/n-triples/#n-triples-grammar
const STATEMENT =
  /^(<[^>]*>|_:\S+) (<[^>]*>) (<[^>]*>|_:\S+|"((?:[^"\\]|\\.)*)"(?:@(\S+)|\^\^<([^>]*)>)?) \.$/;

function statements(text) {
  const rows = [];
  for (const line of text.split("\n")) {
    const found = STATEMENT.exec(line);
    if (!found) continue;
    const [, subject, predicate, object, literal, language, datatype] = found;
    rows.push({
      subject: resource(subject),
      predicate: resource(predicate),
      object:
        literal === undefined
          ? resource(object)
          : { type: "literal", value: unescaped(literal), "xml:lang": language, datatype },
    });
  }
  return { kind: "rows", variables: ["subject", "predicate", "object"], rows };
}

const resource = (text) =>
  text.startsWith("<")
    ? { type: "uri", value: unescaped(text.slice(1, -1)) }
    : { type: "bnode", value: text.slice(2) };

const ESCAPES = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };
const unescaped = (text) =>
  text.replace(/\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))/g, (_, short, long, one) =>
    one === undefined
      ? String.fromCodePoint(Number.parseInt(short ?? long, 16))
      : (ESCAPES[one] ?? one),
  );
