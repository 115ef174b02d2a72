// Where a reader goes in a page, and comes back to.

// On a phone the contents of the page open over it. An entry leads into the page: it closes them.
addEventListener("click", ({ target }) => {
  const link = /** @type {HTMLElement} */ (target).closest("a");
  const panel = link?.closest("dialog");
  if (!link?.hash || !panel || link.pathname !== location.pathname) return;
  const section = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  const title = section?.querySelector("h1, h2, h3");
  // after the theme, which gives the focus back to the button
  panel.addEventListener("close", () => setTimeout(() => {
    title?.setAttribute("tabindex", "-1");
    /** @type {HTMLElement | undefined} */ (title)?.focus({ preventScroll: true });
    section?.scrollIntoView();
  }), { once: true });
  panel.close();
});

// The sections of a long page get their height when they come near (long_pages.py), so that the number of pixels which
// the browser remembers leads elsewhere. Here each entry of its history keeps which part of the text was at the top.
const PARTS = "article section > :not(section)";

function keepPlace() {
  const { left, width } = /** @type {HTMLElement} */ (document.querySelector("article")).getBoundingClientRect();
  for (let y = 0; y < innerHeight; y += 20) {
    const part = document.elementFromPoint(left + width / 2, y)?.closest(PARTS);
    if (!part) continue;
    const place = [[...document.querySelectorAll(PARTS)].indexOf(part), part.getBoundingClientRect().top];
    return history.replaceState({ ...history.state, place }, "");
  }
}

function returnToPlace() {
  const [index, top] = history.state?.place ?? [];
  const part = document.querySelectorAll(PARTS)[index];
  if (!part) return;
  part.scrollIntoView({ behavior: "instant" }); // lays out the section
  scrollBy({ top: part.getBoundingClientRect().top - top, behavior: "instant" });
}

if (document.getElementById("places") && CSS.supports("overflow-anchor", "auto")) {
  history.scrollRestoration = "manual";
  addEventListener("scrollend", () => setTimeout(keepPlace, 100)); // when what has come near is laid out
  addEventListener("popstate", returnToPlace);
  returnToPlace();
  requestAnimationFrame(returnToPlace); // what lies around it has its height now
}

// The link to another language leads to what is being read, and the choice is kept for the first page (index.html).
for (const link of document.querySelectorAll(".other-language")) {
  const page = link.href;
  const aim = () => {
    const places = document.querySelectorAll(":is([id^=sec-], [id^=exercise-], [id^=fig-], [id^=eq-])");
    const above = [...places].filter((place) => place.getBoundingClientRect().top < innerHeight / 3);
    const place = above.at(-1);
    link.href = place && scrollY > 0 ? `${page}#${place.id}` : page;
  };
  link.addEventListener("focus", aim);
  link.addEventListener("pointerenter", aim);
  link.addEventListener("click", () => {
    aim();
    localStorage.setItem("language", link.hreflang);
  });
}
