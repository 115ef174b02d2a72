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
