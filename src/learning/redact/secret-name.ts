/** Whether a name (of a variable, a flag, a field, a header) says that its value is a secret. */

const NAME_CHARS_MAX = 80;
const LIKELY =
  /pass|secret|token|key|cred|pwd|auth|cookie|signature|sig$|pin$|otp$|pat$|psk|passin|secret_?id|passout|tok$|login$/i;

/** Said of the whole name, without its separators. */
const SECRET =
  /(?:pass(?:word|wd|phrase|code)?|pwd|secrets?|(?:^|[a-z])token|(?:api|access|secret|private|encryption|signing|master|account|shared|session|storage|service|license|deploy|client|app|auth|consumer|subscription|admin|root|shared_?access|functions?|host|ssh_?private)keys?|keypass|storepass|credentials?|authtoken|httpauth|basicauth|cookies?|xamzsignature|totp|psk|secretid|secretkeybase|sonarlogin)$/;
const ALONE = /^(?:token|pw|_auth|bearer|passin|passout|requirepass|masterauth)$/;
/** These are so only where a value is given right behind `=`, or as a flag. */
const WEAK = /^(?:pass|pwd|tok|auth|sig|signature|otp|pat|pin)$/;
/** Of a variable of the environment. */
const KEY_VARIABLE = /^[A-Z][A-Z0-9_]*_KEY$/;
const OPEN_KEY = /(?:PUBLIC|PUB|PRIMARY|FOREIGN|SORT|PARTITION|CACHE|HASH|GROUP|ROUTING)_KEY$/;
/** These name something else that has the word in it. */
const OPEN =
  /^(?:oldpwd|initpwd|tokens|maxtokens|keys|key|passthrough|nopass|compass|bypass|accesskeyid|publickey|primarykey|foreignkey|sshpublickey|keypassfile|csrftokenname|cookiejar)$/;

/** `weak`: a common word too, secret only in `name=value` and as a flag. */
export type SecretName = 'value' | 'header' | 'weak';

/** What kind of secret the name announces; undefined for none. A long name is judged by its end. */
export function secretName(name: string): SecretName | undefined {
  const end = name.slice(-NAME_CHARS_MAX);
  if (!LIKELY.test(end)) return undefined;
  const bare = end.replace(/^[-.]+/, '').replace(/\d{1,3}$/, '');
  const plain = bare.toLowerCase().replace(/[_.-]/g, '');
  if (HEADERS.has(bare.toLowerCase())) return bare === end ? 'header' : 'value';
  // the shell's own is the directory
  if (OPEN.test(plain) || bare === 'PWD') return undefined;
  if (WEAK.test(plain)) return 'weak';
  if (KEY_VARIABLE.test(bare) && !OPEN_KEY.test(bare)) return 'value';
  return SECRET.test(plain) || ALONE.test(bare.toLowerCase()) ? 'value' : undefined;
}

const HEADERS = new Set(
  'authorization proxy-authorization cookie set-cookie x-api-key api-key apikey private-token job-token deploy-token x-auth-token x-access-token x-vault-token x-gitlab-token x-github-token x-amz-security-token x-goog-api-key x-auth-key x-csrf-token x-shopify-access-token x-auth ocp-apim-subscription-key dd-api-key x-consul-token x-figma-token'.split(
    ' ',
  ),
);
