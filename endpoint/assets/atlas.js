// What every page has: names as one types in its search. Without it the form sends the words.

import "./parts/find.js";
