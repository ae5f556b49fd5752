"use strict";
// What can be scrolled sideways can be reached by the keyboard.
addEventListener("load", () => {
  for (const box of document.querySelectorAll(".bd-article .cell_output > *, .pst-scrollable-table-container, .bd-article pre")) {
    if (box.scrollWidth > box.clientWidth && !box.hasAttribute("tabindex")) box.tabIndex = 0;
  }
});
// What Sphinx says speaks of categories, which there are none of here; that common words are left out, it does not say.
Documentation.TRANSLATIONS["Your search did not match any documents. Please make sure that all words are spelled correctly \
and that you've selected enough categories."] = "Nothing was found. Every word must be in the page; signs alone, and words \
as common as “the”, are not looked for.";
