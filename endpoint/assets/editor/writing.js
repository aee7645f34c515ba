// The editor itself, a large library: loaded when it is opened, not with the page.
// It highlights, completes from what the atlas holds, declares prefixes and marks what is no SPARQL.

import { Yasqe } from "@zazuko/yasqe";
import { element, filled, number } from "./dom.js";

// The library's own completers ask other sites: only the variables of the text are proposed by it.
const OURS = "atlas";
const PREFIXED = /^([A-Za-z][\w-]*):/;

// `actions`: {run(), changed(text), broken(sentence)}; `words`: the texts of the page.
export function openEditor(place, text, terms, actions, words) {
  const asked = { plainly: false };
  Yasqe.registerAutocompleter(completer(terms, asked, words), false);
  Yasqe.defaults.autocompleters = ["variables", OURS];
  const run = () => actions.run();
  const editor = new Yasqe(place, {
    value: text,
    createShareableLink: null,
    consumeShareLink: null,
    persistenceId: null,
    showQueryButton: false,
    resizeable: false,
    editorHeight: "22rem",
    extraKeys: {
      "Ctrl-Enter": run,
      "Cmd-Enter": run,
      "Ctrl-Space": (it) => {
        asked.plainly = true;
        it.autocomplete();
        asked.plainly = false;
      },
      // Out of the editor: the next Tab goes on to what follows it.
      Esc: (it) => it.getInputField().blur(),
      "Ctrl-S": false,
    },
  });
  const field = editor.getInputField();
  field.setAttribute("aria-label", words.query);
  field.setAttribute("aria-describedby", "keys");
  const checked = () => {
    declare(editor, terms.prefixes);
    actions.broken(marked(editor, words));
    actions.changed(editor.getValue());
  };
  editor.on("changes", checked);
  actions.broken(marked(editor, words));
  return editor;
}

// The prefixes of the line being written that the text does not declare are declared above.
function declare(editor, prefixes) {
  const { line } = editor.getDoc().getCursor();
  if (/^\s*prefix\b/i.test(editor.getDoc().getLine(line))) return;
  const declared = editor.getPrefixesFromQuery();
  for (const { string, type } of editor.getLineTokens(line)) {
    const prefix = type === "string-2" && PREFIXED.exec(string)?.[1];
    if (prefix && prefix in prefixes && !(prefix in declared)) {
      editor.addPrefixes({ [prefix]: prefixes[prefix] });
      declared[prefix] = prefixes[prefix];
    }
  }
}

// The first line that cannot be read gets a mark of ours, for the library's opens no sentence
// under our content policy. Gives the sentence, "" where all is well.
function marked(editor, words) {
  if (editor.queryValid) return "";
  for (let line = 0; line < editor.lineCount(); line += 1) {
    if (!editor.lineInfo(line).gutterMarkers?.gutterErrorBar) continue;
    const sentence = filled(words.line, { line: line + 1 });
    const mark = element("span", { className: "broken-line", title: sentence }, "!");
    editor.setGutterMarker(line, "gutterErrorBar", mark);
    return sentence;
  }
  return "";
}

function completer(terms, asked, words) {
  return {
    name: OURS,
    bulk: false,
    autoShow: true,
    isValidCompletionPosition(editor) {
      const token = editor.getCompleteToken();
      const text = token.string.trim();
      if (/^[?$"'#@0-9]/.test(text) || token.type === "comment") return false;
      if (text.length < 2 && !asked.plainly) return false;
      return kindAt(editor, token) !== null;
    },
    get: (editor, token) => (token ? terms.matching(token.string.trim(), kindAt(editor, token)) : []),
    postprocessHints: (_, hints) =>
      hints.map((hint) => ({
        ...hint,
        text: hint.text.name,
        displayText: hint.text.name,
        render: (place, _list, shown) => place.append(...proposal(hint.text, shown, words)),
      })),
  };
}

// A class after "a", a property where one may stand, else nothing is proposed.
function kindAt(editor, token) {
  const { line } = editor.getDoc().getCursor();
  const before = editor.getPreviousNonWsToken(line, token);
  if (before?.string === "a" || /^rdf:type$/.test(before?.string ?? "")) return "class";
  return token.state.possibleCurrent?.includes("a") ? "property" : null;
}

function proposal(term, shown, words) {
  const unit = term.kind === "class" ? words.members : words.triples;
  const label = term.label ? element("span", { className: "hint-label" }, term.label) : "";
  return [
    element("span", { className: "hint-name" }, shown.displayText),
    label,
    element("span", { className: "hint-count" }, `${number(term.count)} ${unit}`),
  ];
}
