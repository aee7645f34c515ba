// A button that copies a text and says so: on itself to the eye, beside itself to who listens.

// Milliseconds until it can be read as what it does again.
const SHOWN = 2000;

// `text()` gives what is copied; `done` is what is said then.
export function copies(button, text, done) {
  const label = button.textContent;
  const told = document.createElement("span");
  told.className = "unseen";
  told.role = "status";
  button.after(told);
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text());
    [button.textContent, told.textContent] = [done, done];
    setTimeout(() => ([button.textContent, told.textContent] = [label, ""]), SHOWN);
  });
}
