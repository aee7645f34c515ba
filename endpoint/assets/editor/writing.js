// The editor itself, a large library: loaded when it is opened, not with the page.
// It highlights, completes from what the atlas holds, declares prefixes and marks what is no SPARQL.

import { Yasqe } from "@zazuko/yasqe";
import { element, filled, number } from "./dom.js";

// The library's own completers ask other sites: only the variables of the text are proposed by it.
const OURS = "atlas";
const PREFIXED = /^([A-Za-z][\w-]*):/;
// The word being written: the grammar takes its first letter for the verb "a" where it can.
const WORD = /[^\s{}()[\];,.^/|*+?!"'=&]*$/;
const IRI = /<[^\s<>]*$/;
// After these a class is named.
const CLASSES = new Set(["a", "rdf:type", "rdfs:subClassOf", "rdfs:domain", "rdfs:range"]);

// `actions`: {run(), changed(text), broken(sentence)}; `words`: the texts of the page.
export function openEditor(place, text, terms, actions, words) {
  // `plainly`: the list was asked for with a key; `taken`: the name that was just taken from it.
  const asked = { plainly: false, taken: "" };
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
    // The library renews its list at the next frame, and until then Enter takes nothing.
    hintConfig: { updateOnCursorActivity: false },
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
  renewing(editor);
  actions.broken(marked(editor, words));
  return editor;
}

// The list of names is renewed with the text itself: a key that follows finds it up to date. It
// closes where the word it is about is left.
function renewing(editor) {
  let [head, tail] = ["", ""];
  const here = () => {
    const { line, ch } = editor.getDoc().getCursor();
    const text = editor.getDoc().getLine(line);
    return [text.slice(0, ch), text.slice(ch)];
  };
  editor.on("startCompletion", () => {
    const [before, after] = here();
    [head, tail] = [before.slice(0, editor.getCompleteToken().start), after];
  });
  editor.on("cursorActivity", () => {
    const list = editor.state.completionActive;
    if (!list) return;
    const [before, after] = here();
    const left = !before.startsWith(head) || after !== tail || /[\s>"]$/.test(before);
    if (left || editor.getDoc().somethingSelected()) list.close();
    else list.update();
  });
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
      const token = word(editor);
      const text = token.string;
      if (/^[?$"'#@0-9]/.test(text) || token.type === "comment") return false;
      // What was just taken is not offered again, when its prefix is declared above it.
      if (text !== asked.taken) asked.taken = "";
      else if (!asked.plainly) return false;
      if (text.length < 2 && !asked.plainly) return false;
      return kindAt(editor, token) !== null;
    },
    preProcessToken: word,
    get: (editor, token) => {
      const found = token ? terms.matching(token.string, kindAt(editor, token)) : [];
      // A name that is written whole needs no list, which would keep Enter for itself.
      return found.length === 1 && found[0].name === token.string ? [] : found;
    },
    postprocessHints: (_, hints) =>
      hints.map((hint) => ({
        ...hint,
        text: hint.text.name,
        displayText: hint.text.name,
        hint: (editor, data, { text, from, to }) => {
          asked.taken = text;
          editor.replaceRange(text, from ?? data.from, to ?? data.to, "complete");
        },
        render: (place, _list, shown) => place.append(...proposal(hint.text, shown, words)),
      })),
  };
}

// What is written up to the cursor, as one token, and the rest of the word behind the cursor.
function word(editor) {
  const { line, ch } = editor.getDoc().getCursor();
  const text = editor.getDoc().getLine(line);
  const written = text.slice(0, ch);
  const [string] = IRI.exec(written) ?? WORD.exec(written);
  const start = ch - string.length;
  const end = string ? Math.max(ch, editor.getCompleteToken().end) : ch;
  const { type, state } = editor.getTokenAt({ line, ch: start + 1 });
  return { string, type, state, start, end, from: { line, ch: start }, to: { line, ch: end } };
}

// A class after "a" and its like, a property where one may stand, else nothing is proposed.
function kindAt(editor, token) {
  const { line } = editor.getDoc().getCursor();
  const before = editor.getPreviousNonWsToken(line, token);
  const possible = token.state.possibleCurrent ?? [];
  if (possible.includes("a")) return "property";
  const object = ["VAR1", "*"].some((one) => possible.includes(one));
  return object && CLASSES.has(before?.state?.lastProperty) ? "class" : null;
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
