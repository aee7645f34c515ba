// The citation is a text one can select; with this script, a button copies it.

const citation = document.getElementById("citation");

if (citation && navigator.clipboard) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet";
  button.textContent = citation.dataset.copy;
  button.addEventListener("click", () => copy(button));
  citation.append(button);
}

async function copy(button) {
  await navigator.clipboard.writeText(citation.querySelector("p").textContent);
  button.textContent = citation.dataset.copied;
  // Said again after a moment, so that the button can be used again.
  setTimeout(() => (button.textContent = citation.dataset.copy), 2000);
}
