// The search for a commune offers names as one types; a choice opens its page. Where no commune is
// called so, groupings of communes are offered, of which a choice lists the communes. Without this
// the form lists what it finds.
import { suggest } from "../parts/find.js";

const language = `lang=${document.documentElement.lang}`;

for (const input of document.querySelectorAll("input[data-communes]")) {
  const page = input.dataset.communes;
  suggest(input, {
    type: "Commune",
    choose: ({ codes }) => location.assign(`${page}/${encodeURIComponent(codes[0])}?${language}`),
    instead: {
      type: "OwnTaxGrouping",
      choose: ({ codes }) =>
        location.assign(`${page}?grouping=${encodeURIComponent(codes[0])}&${language}#grouping`),
    },
  });
}
