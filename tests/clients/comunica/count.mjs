// Comunica over the endpoints that are its arguments. Each line of input is a query in Base64; each
// line of output is how many rows it has, or what went wrong.
import { createInterface } from 'node:readline';
import { QueryEngine } from '@comunica/query-sparql';

const engine = new QueryEngine();
const sources = process.argv.slice(2).map(value => ({ type: 'sparql', value }));

async function count(text) {
  const result = await engine.query(text, { sources });
  if (result.resultType === 'boolean') {
    return (await result.execute()) ? 1 : 0;
  }
  let rows = 0;
  for await (const _ of await result.execute()) {
    rows++;
  }
  return rows;
}

for await (const line of createInterface({ input: process.stdin })) {
  try {
    console.log(await count(Buffer.from(line, 'base64').toString('utf8')));
  } catch (error) {
    console.log(String(error.message).replaceAll(/\s+/g, ' '));
  }
}
