// Names and types are tsc's business (tsconfig.json); these are the common mistakes that it lets pass.

import js from "@eslint/js";

export default [
  js.configs.recommended,
  { files: ["press/**/static/**", "press/japanese/**"], languageOptions: { sourceType: "script" } },
  {
    rules: {
      "no-undef": "off", // tsc knows what a browser and the other scripts of a page define
      "no-unused-vars": ["error", { vars: "local", argsIgnorePattern: "^_" }], // one script defines what another uses
      "no-empty": ["error", { allowEmptyCatch: true }], // where nothing can be done
    },
  },
];
