// The citation is a text one can select; with this script, a button copies it.

import { copies } from "../parts/copy.js";

const citation = document.getElementById("citation");

if (citation && navigator.clipboard) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet";
  button.textContent = citation.dataset.copy;
  citation.append(button);
  copies(button, () => citation.querySelector("p").textContent, citation.dataset.copied);
}
