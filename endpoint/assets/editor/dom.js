// Small hands: elements made and filled. Text is always text, never markup.

export function element(tag, fields = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || value === null || value === false) continue;
    if (name in made && typeof value !== "string") made[name] = value;
    else made.setAttribute(name === "className" ? "class" : name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== undefined && child !== null));
  return made;
}

export const paragraph = (text, className) => element("p", { className }, text);

// A sentence with its places filled: "{count} rows".
export const filled = (text, values) =>
  text.replace(/\{(\w+)\}/g, (all, name) => (name in values ? String(values[name]) : all));

export const number = (value) => value.toLocaleString(document.documentElement.lang);
