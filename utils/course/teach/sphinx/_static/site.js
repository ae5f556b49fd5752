"use strict";
// What can be scrolled sideways can be reached by the keyboard.
addEventListener("load", () => {
  for (const box of document.querySelectorAll(".bd-article .cell_output > *, .pst-scrollable-table-container, .bd-article pre")) {
    if (box.scrollWidth > box.clientWidth && !box.hasAttribute("tabindex")) box.tabIndex = 0;
  }
});
