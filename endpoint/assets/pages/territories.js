// The search for a commune offers names as one types; a choice opens its page. Where no commune is
// called so, groupings of communes are offered, of which a choice lists the communes. Without this
// the form lists what it finds.
import { suggest } from "../parts/find.js";

for (const input of document.querySelectorAll("input[data-communes]")) {
  suggest(input, {
    type: "Commune",
    instead: "OwnTaxGrouping",
    choose: ({ iri, codes }) => {
      const code = encodeURIComponent(codes[0]);
      const language = `lang=${document.documentElement.lang}`;
      const page = input.dataset.communes;
      location.assign(
        iri.includes("/id/grouping/")
          ? `${page}?grouping=${code}&${language}#grouping`
          : `${page}/${code}?${language}`,
      );
    },
  });
}
