// Asks Meta's libraries again what they make of the inputs of meta-libraries.json, and writes their answers there.
//
//   npm install --no-save --prefix FOLDER capi-param-builder-nodejs facebook-nodejs-business-sdk
//   NODE_PATH=FOLDER/node_modules node meta-libraries.cjs
//
// An answer that differs from ours and was not recorded before gets "?" for a reason: `cargo test --test meta_libraries`
// fails until the normalization is corrected or the difference has a name and a reason in the file.
"use strict";

const { readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { ParamBuilder, PII_DATA_TYPE } = require("capi-param-builder-nodejs");
const { UserData } = require("facebook-nodejs-business-sdk");

const FILE = join(__dirname, "meta-libraries.json");
const KEYS = {
  em: [PII_DATA_TYPE.EMAIL, "setEmail"],
  ph: [PII_DATA_TYPE.PHONE, "setPhone"],
  fn: [PII_DATA_TYPE.FIRST_NAME, "setFirstName"],
  ln: [PII_DATA_TYPE.LAST_NAME, "setLastName"],
  db: [PII_DATA_TYPE.DATE_OF_BIRTH, "setDateOfBirth"],
  ge: [PII_DATA_TYPE.GENDER, "setGender"],
  ct: [PII_DATA_TYPE.CITY, "setCity"],
  st: [PII_DATA_TYPE.STATE, "setState"],
  zp: [PII_DATA_TYPE.ZIP_CODE, "setZip"],
  country: [PII_DATA_TYPE.COUNTRY, "setCountry"],
  external_id: [PII_DATA_TYPE.EXTERNAL_ID, "setExternalId"],
};

const paramBuilder = new ParamBuilder([]);
// The parameter builder appends a suffix, which depends on its version: learn it from values whose hashes are known.
const SUFFIXES = ["m", "0".repeat(64)].map((value) => {
  const text = paramBuilder.getNormalizedAndHashedPII(value, PII_DATA_TYPE.GENDER);
  return text.slice(text.lastIndexOf("."));
});

const libraries = {
  builder({ key, raw }) {
    const hashed = paramBuilder.getNormalizedAndHashedPII(raw, KEYS[key][0]) ?? null;
    if (hashed === null || hashed === raw.trim()) return hashed;
    const suffix = SUFFIXES.find((suffix) => hashed.endsWith(suffix)) ?? "";
    return hashed.slice(0, hashed.length - suffix.length);
  },
  sdk({ key, raw }) {
    const values = new UserData()[KEYS[key][1]](raw).normalize()[key];
    return Array.isArray(values) ? values[0] : values;
  },
};

// A value that a library refuses or throws at is not sent. Of a SHA-256, 12 digits are kept; other answers stay whole.
function answer(library, recorded) {
  try {
    const sent = libraries[library](recorded) ?? null;
    return /^[0-9a-f]{64}$/.test(sent) ? sent.slice(0, 12) : sent;
  } catch {
    return null;
  }
}

const data = JSON.parse(readFileSync(FILE, "utf8"));
for (const recorded of data.cases) {
  for (const library of Object.keys(libraries)) {
    const theirs = answer(library, recorded);
    const reason = recorded[library]?.[1] ?? "?";
    if (theirs === recorded.ours) delete recorded[library];
    else recorded[library] = [theirs, reason];
  }
}
data.year = new Date().getFullYear();
for (const name of ["capi-param-builder-nodejs", "facebook-nodejs-business-sdk"]) {
  data.libraries[name] = require(`${name}/package.json`).version;
}
const { cases, ...head } = data;
const lines = cases.map((recorded) => "  " + JSON.stringify(recorded)).join(",\n");
const text = JSON.stringify(head, null, 1).slice(0, -2) + `,\n "cases": [\n${lines}\n ]\n}\n`;
// ASCII only: many inputs have characters that an editor would not show.
const escaped = (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0");
writeFileSync(FILE, text.replace(/[\u007f-\uffff]/g, escaped));
