// What press/practice/static/scheduler.js is bundled from: of ts-fsrs what review.js needs.
export { createEmptyCard, fsrs, Rating, State } from "ts-fsrs";
