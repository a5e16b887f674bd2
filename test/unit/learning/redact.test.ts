import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redact } from '../../../src/learning/redact.ts';

// Made up, and in pieces, so that nothing here looks like a token that somebody has lost.
const LETTERS = 'kT9xQ2mZ7vB4nR8wL1pD6sF3hJ5gY0cA';
const WORD = 'Tr0ub4dor.3';
const TOKENS: readonly string[] = [
  `gh${'p_'}${LETTERS}Qx`,
  `github_${'pat_'}${LETTERS}_${LETTERS}`,
  `gl${'pat-'}${LETTERS.slice(0, 20)}`,
  `AK${'IA'}QX7ZPLM3NRT5WVKD`,
  `xo${'xb-'}123456789012-${LETTERS}`,
  `sk_${'live_'}${LETTERS}`,
  `AI${'za'}${LETTERS}abc`,
  `sk-${'proj-'}${LETTERS}`,
  `sk-${'ant-'}api03-${LETTERS}`,
  `np${'m_'}${LETTERS}abcd`,
  `hf${'_'}${LETTERS}`,
  `ey${'J'}hbGciOiJIUzI1NiJ9.${'ey'}JzdWIiOiIxMjM0In0.${LETTERS}`,
  `SG${'.'}${LETTERS}.${LETTERS}`,
  `1234567890${':AA'}${LETTERS}`,
  LETTERS,
  `${LETTERS}/${LETTERS}+x9=`,
];
const PEM = `-----BEGIN RSA ${'PRIVATE'} KEY-----\nMIIEow\nabc/def+\n-----END RSA ${'PRIVATE'} KEY-----`;

/** A text with `§` where the secret stands; all of the secret is to be gone. */
const SECRET: readonly string[] = [
  'git clone https://someone:§@example.com/a/b.git',
  'git clone https://§@example.com/a/b.git',
  'postgres://app:§@db.local:5432/app?sslmode=require',
  'mysql -u root -p§ shop',
  'mysql -u root -p § shop',
  "mysqldump --user=root -p'§' shop > dump.sql",
  'mysql --password=§',
  "bash -c 'mysql -uroot -p§ shop'",
  'PGPASSWORD=§ psql -h db app',
  "export AWS_SECRET_ACCESS_KEY='§'",
  'docker run -e POSTGRES_PASSWORD=§ postgres:17',
  'docker build --build-arg NPM_TOKEN=§ .',
  'docker login -u me -p § registry.example.com',
  'echo § | docker login -u me --password-stdin',
  'docker login --password-stdin <<< §',
  'echo "root:§" | chpasswd',
  "curl -H 'Authorization: Bearer §' https://example.com",
  'curl -H "authorization: token §" https://example.com',
  'curl -H "X-Api-Key: §" https://example.com',
  'curl -u someone:§ https://example.com',
  'curl --user someone:§ https://example.com',
  "curl -su 'someone:§' https://example.com",
  'curl -b "session=1" -H "Cookie: sid=§; theme=dark" https://example.com',
  'curl "https://example.com/a?x=1&access_token=§&y=2"',
  'curl -d \'{"user":"me","password":"§"}\' https://example.com',
  'curl -d "{\\"password\\": \\"§\\"}" https://example.com',
  'wget --http-password=§ https://example.com',
  'http -a me:§ GET example.com',
  'sshpass -p § ssh root@10.0.0.1',
  'redis-cli -a § ping',
  'tool --api-key §',
  'tool --pwd §',
  'tool --token=§ --verbose',
  'tool --client-secret \\\n  § --verbose',
  'openssl enc -aes-256-cbc -k § -in a -out b',
  'openssl rsa -in a.pem -passin pass:§',
  'zip -P § a.zip a',
  'helm install x --set auth.password=§',
  'kubectl create secret generic x --from-literal=password=§',
  'npm config set //registry.example.com/:_authToken=§',
  'htpasswd -b users me §',
  'ldapsearch -D cn=admin -w § -b dc=example',
  'DATABASE_PASSWORD: §',
  'password = "§"',
  '$env:API_TOKEN = "§"',
  'echo token=§ >> .env',
  'Server=db;User Id=sa;Password=§;Encrypt=true',
  'gpg --batch --passphrase § -c a',
  'aws configure set aws_secret_access_key §',
  'git config --global user.token §',
  'set -gx GITHUB_TOKEN §',
  'setx OPENAI_API_KEY "§"',
  "echo 'machine example.com login me password §' > ~/.netrc",
  'nmcli dev wifi connect home password §',
  'poetry config http-basic.internal me §',
  'gh secret set DEPLOY --body "§"',
  'vault login §',
  'vault write auth/approle/login role_id=a secret_id=§',
  "ssh-keygen -t ed25519 -N '§' -f key",
  'htpasswd -nb me §',
  'openssl passwd -6 §',
  'rclone obscure §',
  'STRIPE_KEY=§ ./pay',
  'cat > .env <<EOF\nSECRET=§\nPORT=3000\nEOF',
  "python -c \"import os; os.environ['API_KEY']='§'\"",
  'vault kv put -mount=secret app value=§ ttl=1h',
  "vault write secret/app value='§ and more' other=x",
  'echo § | vault kv put secret/app value=-',
  'kubectl -n prod create secret generic db --from-literal=user=app --from-literal=db=§',
  "oc create secret generic db --from-literal 'db=§'",
  'kubectl create secret generic db --from-literal="db=§ and more"',
  'aws ssm put-parameter --name /a/b --type SecureString --value § --overwrite',
  'aws secretsmanager create-secret --name a --secret-string "§"',
  'aws secretsmanager put-secret-value --secret-id a --secret-string \'{"user":"app","p":"§"}\'',
  'az keyvault secret set --vault-name v --name n --value §',
  'heroku config:set DATABASE=§ -a shop',
  'fly secrets set DATABASE=§ --app shop',
  'doppler secrets set DATABASE=§',
  'printf § | docker secret create db -',
  'echo "§" | gh secret set DEPLOY',
  'echo § | wrangler secret put DEPLOY',
  'echo -n § | gcloud secrets create db --data-file=-',
  'echo § | pass insert -e shop/db',
  'gopass insert shop/db <<< §',
  "op item create --category=login --title=shop 'db=§'",
  'security add-generic-password -a me -s shop -w §',
  'echo § | secret-tool store --label=shop server db',
  'docker exec v vault login §',
  'kubectl exec p -- vault login §',
  'kubectl exec p -- net user bob §',
  'aws ssm put-parameter --name /prod/mysql --value §',
  'kubectl create secret generic mysql --from-literal=db=§',
  'heroku config:set -a aws DATABASE=§',
  'vault kv put secret/mysql \\\n  db=§',
  'mysql \\\n -p§',
  'fly secrets set A=$(cat x) B=§',
  'aws secretsmanager create-secret --description "a & b" --secret-string §',
  'mysql -e "select 1; select 2" -p§',
  'echo § | vault kv put secret/app -',
  'echo § | gcloud secrets versions add db --data-file -',
];

/** As people tell each other. */
const SPOKEN: readonly string[] = [
  'fix the failing test, my password is §, thanks',
  'the token was §. Mend it',
  'change the admin password to "§"',
  'use this api key: § and the passphrase: §',
  'login bob, pass: §',
  'Log in with password §',
  'the secret key is `§`',
];

/** Nothing in them is a secret. */
const HARMLESS: readonly string[] = [
  'git checkout 4f2b9c1d8e7a6053f1b2c3d4e5f60718293a4b5c',
  'git show 4f2b9c1:src/index.ts',
  'docker pull alpine@sha256:4f2b9c1d8e7a6053f1b2c3d4e5f60718293a4b5c4f2b9c1d8e7a6053f1b2c3d4',
  'echo 550e8400-e29b-41d4-a716-446655440000',
  '"integrity": "sha512-kT9xQ2mZ7vB4nR8wL1pD6sF3hJ5gY0cAkT9xQ2mZ7vB4nR8wL1pD6sF3hJ5gY0cA=="',
  'npm install typescript@5.9.2-dev.20260101 --save-dev',
  'ls /usr/lib/x86_64-linux-gnu/pkgconfig/libssl3-dev',
  'cat src/components/UserProfileSettings/UserProfileSettingsController.test.tsx',
  'pytest tests/test_http_server.py::TestAuth::test_password_reset_token_expires',
  'kubectl get pods -n kube-system coredns-5d78c9869d-x7k2p',
  'mkdir -p src/token && cp -p a b && ssh -p 22 host && docker run -p 8080:80 nginx',
  'docker login --password-stdin < file && gh auth token',
  'PGPASSWORD=$PW psql && curl -H "Authorization: Bearer $TOKEN" https://example.com',
  'curl -u "$USER:$PASS" https://example.com',
  'TOKEN=$(gh auth token) make deploy',
  'echo ${{ secrets.GITHUB_TOKEN }} && docker build --secret id=npm,src=.npmrc .',
  'git clone git@example.com:a/b.git && git clone ssh://git@example.com/a/b.git',
  'npm view @scope/package && curl https://example.com/@scope/package',
  'grep -rn "password" src && grep -rn secret_key_base config',
  'max_tokens=4096 python train.py --max-tokens 4096',
  'find / -name mysql -print',
  'git config --global user.name Anna && git config core.editor vim',
  'aws configure set region eu-central-1 && npm config set registry https://example.com',
  'PUBLIC_KEY=abc SORT_KEY=name ./run',
  'set -euo pipefail && export PATH=$HOME/bin:$PATH',
  "ps aux | grep -v grep | awk '{print $2}'",
  'sudo grub2-mkpasswd-pbkdf2',
  'az account set --subscription 550e8400-e29b-41d4-a716-446655440000',
  'aws s3 cp s3://my-bucket-eu-central-1/backups/2026-11-21T10-00-00Z.tar.gz .',
  'print("PASS: everything is fine")',
  'the password is wrong, the token is expired, and the api key: none',
  'bring the token to undefined and the password is $DB_PASS2',
  'git log --grep password v1.2.3 && git show token 4f2b9c1 && vi password file1.txt',
  'kubectl get secret registry1cred && the token is sha256',
  'PWD=/srv/app OLDPWD=/srv make',
  "echo 'it''s fine' && echo don't",
  'vault kv put secret/app @values.json && vault kv put secret/app value=@db.txt pin=$PIN pass=-',
  'vault kv get -field=value secret/app && vault read secret/app',
  'kubectl create configmap a --from-literal=mode=fast && kubectl create secret generic a --from-file=k=db.txt',
  'aws ssm get-parameter --name /a/b && aws secretsmanager create-secret --name a --secret-string file://db.json',
  'heroku config:get DATABASE -a shop && fly secrets list && pass show shop/db && op item get shop',
  'echo done | docker service ls && docker secret ls && az vm create --value x',
  'echo y | docker secret rm x; echo y | gh secret delete X; echo hi | docker build -t secret .',
];

const anyUnit = fc.nat(0xffff).map((code) => String.fromCharCode(code));
const secret = fc.oneof(
  fc.constantFrom(...TOKENS),
  fc.constant(WORD),
  fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9!%^*_.,:~]{6,30}[A-Za-z0-9]$/),
);

/** The longest piece of the secret that is still there, and not also in the text around it. */
function leak(shown: string, hidden: string, around = ''): string {
  for (let size = hidden.length; size > 3; size -= 1)
    for (let at = 0; at + size <= hidden.length; at += 1) {
      const piece = hidden.slice(at, at + size);
      if (shown.includes(piece) && !around.includes(piece)) return piece;
    }
  return '';
}

describe('what is secret', () => {
  test.each(SECRET)('%s', (shape) => {
    for (const each of [...TOKENS, 'hunter2', 'correct-horse']) {
      const { text, hits } = redact(shape.replace('§', () => each));
      expect(leak(text, each, shape)).toBe('');
      expect(hits).toBeGreaterThan(0);
    }
  });

  test.each(TOKENS)('a token says by itself what it is: %#', (token) => {
    for (const text of [token, `run ${token} now`, `"${token}"`, `a=${token};b`, `(${token})`, `x ${token}.`])
      expect(leak(redact(text).text, token)).toBe('');
  });

  test('a private key is hidden with all its lines, also one that is cut off', () => {
    expect(redact(`echo '${PEM}' > key`)).toEqual({ text: "echo '***' > key", hits: 1 });
    expect(redact(`cat <<E\n${PEM.slice(0, -20)}`).text).toBe('cat <<E\n***');
  });

  test('the line stays readable around it', () => {
    expect(redact(`curl -sS -H "Authorization: Bearer ${WORD}" -o a https://example.com`).text).toBe(
      'curl -sS -H "Authorization: Bearer ***" -o a https://example.com',
    );
    expect(redact('git clone https://me:hunter2@example.com/a.git && cd a').text).toBe(
      'git clone https://***@example.com/a.git && cd a',
    );
    expect(redact("mysql -u root -p'hunter 2' shop").text).toBe("mysql -u root -p'***' shop");
  });

  test.each(SPOKEN)('in words: %s', (shape) => {
    for (const each of [WORD, 'hunter2', 'Tr0ub4dor/9']) {
      if (shape.startsWith('Log') && each.includes('/')) continue;
      expect(redact(shape.replaceAll('§', () => each)).text).toBe(shape.replaceAll('§', '***'));
    }
  });

  test('a password with blanks or quotes is hidden as a whole', () => {
    expect(redact('tool --password "two words" -v').text).toBe('tool --password "***" -v');
    expect(redact("tool --password ab'c d'ef -v").text).toBe('tool --password *** -v');
    expect(redact('docker run -e "DB_PASSWORD=two words" x').text).toBe('docker run -e "DB_PASSWORD=***" x');
    expect(redact('tool --password two\\ words -v').text).toBe('tool --password *** -v');
  });
});

test.each(HARMLESS)('harmless: %s', (text) => {
  expect(redact(text)).toEqual({ text, hits: 0 });
});

describe('for any text', () => {
  const texts = fc.oneof(
    fc.string({ unit: anyUnit, maxLength: 300 }),
    fc
      .array(
        fc.oneof(
          fc.constantFrom(...SECRET),
          fc.constantFrom(
            '"',
            "'",
            '\\',
            ' ',
            '\n',
            '|',
            '--password',
            '-p',
            'mysql',
            '://',
            '@',
            '***',
            '$(',
          ),
          secret,
        ),
        { maxLength: 8 },
      )
      .map((pieces) => pieces.join('')),
  );

  test('a second time changes nothing', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const once = redact(text).text;
        expect(redact(once)).toEqual({ text: once, hits: 0 });
      }),
      { numRuns: 400 },
    );
  });

  test('no piece of a secret is left where one is expected', () => {
    const plain = SECRET.filter((shape) => !/[?{]|Password=§;/.test(shape));
    fc.assert(
      fc.property(fc.constantFrom(...plain), secret, (shape, each) => {
        const { text } = redact(shape.replace('§', () => each));
        expect(leak(text, each, shape)).toBe('');
      }),
      { numRuns: 400 },
    );
  });

  test('a line of a megabyte is read, whatever it is made of', () => {
    const pieces = [
      'a',
      '-',
      '--password ',
      'token=',
      'cookie:',
      'mysql -p',
      'x://',
      'x://b:c',
      'eyJ-',
      '"',
      "'",
      '\\',
    ];
    const more = [
      'bearer ',
      '-----BEGIN PRIVATE KEY-----',
      'echo a | sudo -S ',
      '$(',
      '{{',
      'aB3/',
      'sk-a',
      'vault put a=@"',
      'vault put "a=@ ',
      '\\"',
      ' ',
    ];
    for (const piece of [...pieces, ...more])
      expect(redact(piece.repeat(Math.ceil(200_000 / piece.length))).text.length).toBeGreaterThan(0);
    expect(redact(`mysql -p${'x'.repeat(1_000_000)}`)).toEqual({ text: 'mysql -p***', hits: 1 });
  });
});
