// Asks Meta's libraries what they would send. One JSON object a line: first who we are, then for each question
// {"key", "raw"} an answer {"builder", "sdk"}. A value that a library refuses or throws at is null.
"use strict";

const readline = require("node:readline");

const { ParamBuilder, PII_DATA_TYPE } = require("capi-param-builder-nodejs");
const { UserData } = require("facebook-nodejs-business-sdk");

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

// The suffixes that this version appends, learnt from values whose hashes are known.
const suffixOf = (text) => text.slice(text.lastIndexOf("."));
const MADE = suffixOf(paramBuilder.getNormalizedAndHashedPII("m", PII_DATA_TYPE.GENDER));
const TAKEN = suffixOf(paramBuilder.getNormalizedAndHashedPII("0".repeat(64), PII_DATA_TYPE.GENDER));

function builder(key, raw) {
  const hashed = attempt(() => paramBuilder.getNormalizedAndHashedPII(raw, KEYS[key][0]));
  if (hashed === null || hashed === raw.trim()) return hashed;
  const own = [MADE, TAKEN].find((suffix) => hashed.endsWith(suffix));
  return own === undefined ? hashed : hashed.slice(0, -own.length);
}

function sdk(key, raw) {
  return attempt(() => {
    const values = new UserData()[KEYS[key][1]](raw).normalize()[key];
    return Array.isArray(values) ? values[0] : values;
  });
}

function attempt(f) {
  try {
    return f() ?? null;
  } catch {
    return null;
  }
}

const version = (name) => require(`${name}/package.json`).version;
const say = (line) => process.stdout.write(JSON.stringify(line) + "\n");

say({
  node: process.versions.node,
  unicode: process.versions.unicode,
  builder: version("capi-param-builder-nodejs"),
  sdk: version("facebook-nodejs-business-sdk"),
  year: new Date().getFullYear(),
});
readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const { key, raw } = JSON.parse(line);
  say({ builder: builder(key, raw), sdk: sdk(key, raw) });
});
