/** Which of a program's words are secret, for programs whose words do not say so themselves. */

export interface SecretRule {
  /** Flags whose value follows, attached or as the next word. */
  readonly flags?: RegExp;
  /** Words that announce the next one. */
  readonly next?: RegExp;
  /** As `next`, for every name that says of itself that it has a secret value. */
  readonly isNamed?: true;
  /** A word that has to come first, such as a subcommand. */
  readonly after?: RegExp;
  /** The n-th word that is no flag, counted from 1. */
  readonly operand?: number;
  /** What stands behind the first `=` of the value of `flags`; without `flags`, of each word that is no flag. */
  readonly pairs?: true;
  /** A value that begins so only says where the secret is. */
  readonly open?: RegExp;
  /** Words that tell the program to read a secret from its input. */
  readonly reads?: RegExp;
}

const shortPassword: SecretRule = { flags: /^-p/ };
const loginPassword: SecretRule = { after: /^login$/, flags: /^-p/ };
const configNames: SecretRule = { after: /^(?:config(?:ure)?|set)$/, isNamed: true };
const httpBasic: SecretRule = { after: /^http-basic\./, operand: 4 };
const archivePassword: SecretRule = { flags: /^-h?p(?=.)/ };
const secretInput: SecretRule = { after: /^secrets?$/, reads: /^(?:set|put|create|import|bulk|versions)$/ };
const secretPairs: SecretRule = { after: /^(?:secrets?|variables?)$/, pairs: true };
const literalPairs: SecretRule = { after: /^secret$/, flags: /^--from-literal/, pairs: true };
const configPairs: SecretRule = { after: /^config:(?:set|add)$/, pairs: true };
/** `@file`, and `-` for the input. */
const FILE = /^(?:@|-$)/;
const FILE_ADDRESS = /^fileb?:\/\//;

const BY_PROGRAMS: { readonly [programs: string]: readonly SecretRule[] } = {
  'mysql mysqldump mysqladmin mysqlimport mysqlshow mysqlcheck mysqlsh mariadb mariadb-dump mariadb-admin mycli':
    [shortPassword],
  'mongo mongosh mongodump mongorestore mongoexport mongoimport clickhouse-client sshpass snowsql twine': [
    shortPassword,
  ],
  'useradd usermod hydra influx': [shortPassword],
  'docker podman nerdctl': [loginPassword, secretInput],
  'helm cf skopeo': [loginPassword],
  oc: [loginPassword, literalPairs],
  kubectl: [literalPairs],
  az: [loginPassword, { after: /^keyvault$/, flags: /^--value/, open: FILE }],
  curl: [{ flags: /^(?:-[a-zA-Z#]*[uU]$|-[uU]|--(?:user|proxy-user|oauth2-bearer)(?==|$))/ }],
  'http https xh': [{ flags: /^-a/ }],
  'redis-cli': [{ flags: /^-a$/ }],
  'sqlcmd bcp ipmitool': [{ flags: /^-P/ }],
  'zip unzip': [{ flags: /^-P/ }],
  '7z 7za 7zz rar unrar': [archivePassword],
  'ldapsearch ldapadd ldapmodify ldapdelete ldappasswd': [{ flags: /^-[ws]/ }],
  'smbclient rpcclient': [{ flags: /^-U/ }],
  'snmpwalk snmpget': [{ flags: /^-[AXc]/ }],
  xfreerdp: [{ flags: /^\/p:/ }],
  openssl: [{ flags: /^-(?:k|K|pass|passin|passout|password)$/ }, { after: /^passwd$/, operand: 2 }],
  'ssh-keygen': [{ flags: /^-[NP]/ }],
  'evil-winrm crackmapexec netexec': [{ flags: /^-[pH]/ }],
  htpasswd: [{ after: /^-[a-zA-Z]*n/, operand: 2 }, { operand: 3 }],
  gh: [{ after: /^(?:secret|variable)$/, flags: /^(?:-b|--body(?!-))/ }, secretInput],
  doctl: [{ after: /^auth$/, flags: /^-t/ }],
  'git npm pnpm yarn dvc mc s3cmd': [configNames],
  aws: [
    configNames,
    { after: /^put-parameter$/, flags: /^--value/, open: FILE_ADDRESS },
    { after: /^secretsmanager$/, flags: /^--secret-(?:string|binary)/, open: FILE_ADDRESS },
  ],
  gcloud: [configNames, { reads: /^--data-file(?:=(?:-|\/dev\/stdin))?$/ }],
  heroku: [configNames, configPairs],
  dokku: [configPairs],
  'fly flyctl supabase doppler infisical railway': [secretPairs, secretInput],
  wrangler: [secretInput],
  op: [{ after: /^(?:create|edit)$/, pairs: true }],
  'pass gopass': [{ reads: /^insert$/ }],
  'secret-tool': [{ reads: /^store$/ }],
  security: [{ after: /^add-(?:generic|internet)-password$/, flags: /^-w/ }],
  rclone: [configNames, { after: /^obscure$/, operand: 2 }],
  'poetry composer': [configNames, httpBasic, { next: /^pypi-token\./ }],
  bundle: [{ after: /^config$/, next: /\./ }],
  'set setx': [{ isNamed: true }],
  nmcli: [{ next: /^(?:password|psk)$/ }],
  iwconfig: [{ next: /^(?:key|enc)$/ }],
  machine: [{ next: /^(?:password|account)$/ }],
  dotnet: [{ after: /^user-secrets$/, operand: 4 }],
  cargo: [{ after: /^login$/, operand: 2 }],
  vault: [
    { after: /^login$/, operand: 2 },
    { after: /^(?:write|put|patch)$/, pairs: true, open: FILE },
    { reads: /^(?:[\w.-]+=)?-$/ },
  ],
  net: [{ after: /^user$/, operand: 3 }],
  'ansible-vault': [{ after: /^encrypt_string$/, operand: 2 }],
  'sqlplus vncpasswd ConvertTo-SecureString': [{ operand: 1 }],
  wpa_passphrase: [{ operand: 2 }],
};

export const SECRET_PROGRAMS: ReadonlyMap<string, readonly SecretRule[]> = new Map(
  Object.entries(BY_PROGRAMS).flatMap(([programs, rules]) =>
    programs.split(' ').map((program) => [program, rules] as const),
  ),
);

/** Programs and flags that read a password from what comes before them in the pipe or from a here-string. */
export const READERS: ReadonlySet<string> = new Set(
  '--password-stdin --stdin --with-token --passphrase-fd --pinentry-mode -S chpasswd passwd smbpasswd cryptsetup'.split(
    ' ',
  ),
);
