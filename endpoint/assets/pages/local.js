// Names as one types: a choice is put on the map at once. Without this the words are looked up.
import { suggest } from "../parts/find.js";

const form = document.getElementById("find-thing");
const address = document.querySelector("form[action*='/local/change']").action;

suggest(document.getElementById("words"), {
  choose: ({ iri }) => {
    const fields = new URLSearchParams(new FormData(form));
    fields.delete("find");
    fields.set("do", "add");
    fields.set("iri", iri);
    location.assign(`${address}?${fields}`);
  },
});
