// An IRI as a prefixed name where one of our prefixes fits, else null. `prefixes`: namespaces by prefix.

const LOCAL = /^[A-Za-z_][\w-]*$/;

export function prefixed(iri, prefixes) {
  for (const [prefix, namespace] of Object.entries(prefixes)) {
    const rest = iri.startsWith(namespace) ? iri.slice(namespace.length) : "";
    if (LOCAL.test(rest)) return `${prefix}:${rest}`;
  }
  return null;
}
