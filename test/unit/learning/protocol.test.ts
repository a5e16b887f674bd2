import { expect, test } from 'vitest';
import { protocolStub, protocolTemplate } from '../../../bench/learning-protocol.ts';

// What the reference evaluator says of each command.
test.each([
  ['git commit -m "a b"', 'git commit', 'git commit -m <str>'],
  ['cd x && go test ./... 2>&1 | head -20', 'go test', 'cd x && go test <path> <arg> | head <num>'],
  [
    "cat <<'EOF' > a.py\nimport os && x\nEOF\npython3 a.py",
    'cat <<',
    'cat << <arg> > <path> ; python <file> <arg> <path>',
  ],
  ['sudo -u me timeout -s 9 10 npm run build', '10', '10 <arg> -u me <arg> -s <num> <arg>'],
  ['echo "unclosed', 'echo', 'echo <arg>'],
  ['A=1', 'VAR=', 'VAR= <arg>'],
  ['', '∅', '∅'],
  ['for i in 1 2; do ls $i; done', 'for', 'for i in <num> ; ls do <str> ; done'],
  ['docker compose -f x.yml up -d', 'docker compose x.yml', 'docker compose x.yml -f up -d'],
  ['pip3 install -r req.txt', 'pip install', 'pip install <arg> -r <path>'],
  ['(cd a; make -j 4 all)', 'cd', 'cd <arg> a; <arg> -j <num> <arg>'],
  ['# only a comment', '∅', '∅'],
  ['curl https://a.example/b 10.0.0.1:80 deadbeef1 1.5', 'curl', 'curl <url> <num> <hex> <num>'],
  ['gh pr diff 12 --repo a/b', 'gh pr diff', 'gh pr diff <num> --repo <path>'],
  ["sed -n '1,2p' f.txt", 'sed -n', 'sed -n <arg> <path>'],
  ['./very/long/path/to/some/script/that/never/ends.sh x', './…', './… <path> x'],
  ['python -m pytest -q', 'python -m pytest', 'python -m pytest -q'],
  ['echo x > y', 'echo >', 'echo > x y'],
  ['find . -name "*.go" \\( -type f \\)', 'find', 'find <path> -name <path> ( -type f )'],
  ['a\\', 'a\\', 'a\\'],
])('%j is scored as the protocol says', (command, stub, template) => {
  expect([protocolStub(command), protocolTemplate(command)]).toEqual([stub, template]);
});
