/**
 * How programs commonly spell a value: in JSON, in addresses and forms, in Base64. Owns the spellings, not what is done
 * with them. A value that is only a part of what was encoded is found where its spelling does not depend on the rest,
 * which in Base64 it does.
 */

/** The value itself and its spellings; some may be the same, and some short. */
export function secretSpellings(given: string): readonly string[] {
  // half a character cannot be put into an address
  const value = given.toWellFormed();
  const inJson = quoted(value);
  const inAddresses = [encodeURIComponent(value), encodeURI(value), ...inUrl(value), inForm(value)];
  return [
    given,
    inJson,
    quoted(inJson),
    ...inAddresses,
    ...inAddresses.map((each) => each.replace(/%[0-9A-F]{2}/g, (byte) => byte.toLowerCase())),
    ...inBase64(value),
    // what `echo "$NAME" | base64` gives
    ...inBase64(`${value}\n`),
  ];
}

const quoted = (text: string): string => JSON.stringify(text).slice(1, -1);

const inForm = (value: string): string => new URLSearchParams([['', value]]).toString().slice(1);

/** As a path, and as a password. */
function inUrl(value: string): readonly string[] {
  const url = new URL('http://host/');
  url.pathname = value;
  url.password = value;
  const { pathname, password } = url;
  return [value.startsWith('/') ? pathname : pathname.slice(1), password];
}

function inBase64(value: string): readonly string[] {
  const base64 = Buffer.from(value).toString('base64');
  const base64url = base64.replaceAll('+', '-').replaceAll('/', '_');
  return [base64, base64url].flatMap((each) => [each, each.replace(/=+$/, '')]);
}
