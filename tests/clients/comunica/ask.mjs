// Asks Comunica one question: the request is the argument, JSON; so is the answer, on one line.
import { QueryEngine } from '@comunica/query-sparql';

const { sources, query, update, token } = JSON.parse(process.argv[2]);
const engine = new QueryEngine();
const bearer = (address, options = {}) =>
  fetch(address, {
    ...options,
    headers: { ...Object.fromEntries(new Headers(options.headers)), Authorization: `Bearer ${token}` },
  });
const context = token ? { sources, destination: sources[0], fetch: bearer } : { sources };

async function answer() {
  if (update) {
    await engine.queryVoid(update, context);
    return {};
  }
  const result = await engine.query(query, context);
  if (result.resultType === 'boolean') {
    return { boolean: await result.execute() };
  }
  const items = [];
  for await (const item of await result.execute()) {
    items.push(result.resultType === 'quads' ? row(item) : Object.fromEntries(solution(item)));
  }
  return { items };
}

const row = quad => [quad.subject.value, quad.predicate.value, quad.object.value];
const solution = bindings => [...bindings].map(([name, term]) => [name.value, term.value]);

try {
  console.log(JSON.stringify(await answer()));
} catch (error) {
  console.log(JSON.stringify({ failed: String(error) }));
}
