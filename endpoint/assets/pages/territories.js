// The search for a commune offers names as one types; a choice opens its page. Without this the form
// lists what it finds.
import { suggest } from "../parts/find.js";

for (const input of document.querySelectorAll("input[data-communes]")) {
  suggest(input, {
    type: "Commune",
    choose: ({ codes }) => {
      const page = `${input.dataset.communes}/${encodeURIComponent(codes[0])}`;
      location.assign(`${page}?lang=${document.documentElement.lang}`);
    },
  });
}
