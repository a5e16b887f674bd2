/**
 * Spots where no safe reference exists. Each row has an attack, and the test first shows that the attack works when
 * the value is put there naively (as text, or as a quoted variable), so a row cannot be refused for nothing.
 */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { analyseShell } from '../../../../src/definition/expression/analyse.ts';

type Naive = 'text' | 'variable';
type Row = readonly [name: string, script: string, attack: string, naive: Naive];

const SUBSCRIPT = 'a[$(echo PWNED >&2)0]';
const V = '{{ inputs.v }}';

const attacks: Row[] = [
  ['here-document', `cat <<EOF\n${V}\nEOF`, '$(echo PWNED)', 'text'],
  ['here-document with a quoted delimiter', `cat <<'EOF'\n${V}\nEOF`, 'x\nEOF\necho PWNED\n: <<EOF', 'text'],
  ['here-document with tabs', `cat <<-EOF\n\t${V}\n\tEOF`, '$(echo PWNED)', 'text'],
  ['second here-document of a line', `cat <<A <<B\na\nA\n${V}\nB`, '$(echo PWNED)', 'text'],
  ['here-document in a substitution', `x=$(cat <<EOF\n${V}\nEOF\n); echo "$x"`, '$(echo PWNED)', 'text'],
  ['here-document delimiter', `cat <<${V}\necho hello\nE\n`, 'E\nE\necho PWNED\n: <<E', 'text'],
  ['backticks', `echo \`printf %s ${V}\``, '""; echo PWNED', 'text'],
  ['backticks in double quotes', `echo "\`printf %s '${V}'\`"`, "'; echo PWNED; '", 'text'],
  ['comment', `: # ${V}\necho done`, 'x\necho PWNED', 'text'],
  ['arithmetic expansion', `echo $(( ${V} + 1 ))`, SUBSCRIPT, 'variable'],
  ['arithmetic command', `(( ${V} > 1 )) || true`, SUBSCRIPT, 'variable'],
  ['old arithmetic', `echo $[ ${V} + 1 ]`, SUBSCRIPT, 'variable'],
  ['arithmetic for', `for (( i = ${V}; i < 1; i++ )); do :; done`, SUBSCRIPT, 'variable'],
  ['let', `let x=${V}`, SUBSCRIPT, 'variable'],
  ['subscript of an assignment', `a[${V}]=1`, SUBSCRIPT, 'variable'],
  ['subscript in a list', `b=([${V}]=1)`, SUBSCRIPT, 'variable'],
  ['numeric operator in [[ ]], right', `[[ 1 -eq ${V} ]] || true`, SUBSCRIPT, 'variable'],
  ['numeric operator in [[ ]], left', `[[ "${V}" -lt 2 ]] || true`, SUBSCRIPT, 'variable'],
  ['-v in [[ ]]', `[[ -v ${V} ]] || true`, SUBSCRIPT, 'variable'],
  ['test -v', `test -v ${V} || true`, SUBSCRIPT, 'variable'],
  ['[ -v', `[ -v "${V}" ] || true`, SUBSCRIPT, 'variable'],
  ['offset in a parameter', `x=abc; echo "\${x:${V}:1}"`, SUBSCRIPT, 'variable'],
  ['default in a parameter', `echo "\${nope:-${V}}"`, '$(echo PWNED)', 'text'],
  ['eval', `eval "echo ${V}"`, 'x; echo PWNED', 'variable'],
  ['eval of a substitution', `eval "$(printf '%s' ${V})"`, 'echo PWNED', 'variable'],
  ['trap', `trap ${V} EXIT`, 'echo PWNED', 'variable'],
  ['source of a substitution', `source <(printf '%s' ${V})`, 'echo PWNED', 'variable'],
  ['bash -c', `bash -c "echo ${V}"`, 'x; echo PWNED', 'variable'],
  ['sh -ec', `sh -ec 'echo ${V}'`, 'x; echo PWNED', 'variable'],
  ['bash with options and -c', `bash -o errexit -c "echo ${V}" _ x`, 'x; echo PWNED', 'variable'],
  ['bash with a value for an option', `bash ${V} 'echo PWNED'`, '-c', 'variable'],
  ['bash script from a substitution', `bash -c "$(printf %s ${V})"`, 'echo PWNED', 'variable'],
  ['sudo sh -c', `sudo -n sh -c "echo ${V}"`, 'x; echo PWNED', 'variable'],
  ['env sh -c', `env -u B A=1 sh -c "echo ${V}"`, 'x; echo PWNED', 'variable'],
  ['env -S', `env -S ${V}`, "sh -c 'echo PWNED'", 'variable'],
  ['nohup bash -c', `nohup bash -c "echo ${V}"`, 'x; echo PWNED', 'variable'],
  ['timeout sh -c', `timeout 5 sh -c "echo ${V}"`, 'x; echo PWNED', 'variable'],
  ['xargs sh -c', `echo a | xargs -n 1 sh -c "echo ${V}"`, 'x; echo PWNED', 'variable'],
  ['find -exec sh -c', `find / -maxdepth 0 -exec sh -c "echo ${V}" ';'`, 'x; echo PWNED', 'variable'],
  ['docker exec sh -c', `docker exec box sh -c "echo ${V}"`, 'x; echo PWNED', 'variable'],
  ['command eval', `command eval ${V}`, 'echo PWNED', 'variable'],
  ['the name of the program', `${V} 'echo PWNED'`, 'eval', 'variable'],
  ['behind a program from a variable', `RUN=eval; $RUN ${V}`, 'echo PWNED', 'variable'],
  ['piped to a shell', `printf '%s' ${V} | sh`, 'echo PWNED', 'variable'],
  ['group piped to a shell', `{ printf '%s' ${V}; true; } | bash -s`, 'echo PWNED', 'variable'],
  ['piped to xargs sh -c', `printf '%s' ${V} | xargs -I_ sh -c 'echo _'`, '; echo PWNED', 'variable'],
  ['here-string of a shell', `bash <<< ${V}`, 'echo PWNED', 'variable'],
  ['input of a shell', `bash < <(printf '%s' ${V})`, 'echo PWNED', 'variable'],
  ['ssh', `ssh host "echo ${V}"`, 'x; echo PWNED', 'variable'],
  ['ssh, unquoted', `ssh -p 22 host echo ${V}`, 'x; echo PWNED', 'variable'],
  ['printf -v', `printf -v ${V} x`, SUBSCRIPT, 'variable'],
  ['printf format', `printf ${V} x`, `-v${SUBSCRIPT}`, 'variable'],
  ['declare name', `declare ${V}`, `${SUBSCRIPT}=1`, 'variable'],
  ['declare -i', `declare -i n=${V}`, SUBSCRIPT, 'variable'],
  ['integer variable', `declare -i n; n=${V}`, SUBSCRIPT, 'variable'],
  ['declare -a', `declare -a n=${V}`, '($(echo PWNED >&2))', 'variable'],
  ['unset', `a=(1); unset ${V}`, SUBSCRIPT, 'variable'],
  ['read', `read -r ${V} <<< x || true`, SUBSCRIPT, 'variable'],
  ['PS4', `PS4=${V}; set -x; :`, '$(echo PWNED >&2)', 'variable'],
  ['test with two values', `[ ${V} '${SUBSCRIPT}' ] || true`, '-v', 'variable'],
  ['alias', `shopt -s expand_aliases; alias x=${V}\nx`, 'echo PWNED', 'variable'],
  ['braces that make a program', `{eval,true} ';' ${V}`, 'echo PWNED', 'variable'],
  ['a shell behind >( )', `printf '%s' ${V} > >(bash)`, 'echo PWNED', 'variable'],
  ['after a backslash', `echo \\${V}`, 'a; echo PWNED', 'text'],
  ['awk', `awk 'BEGIN { x = "${V}" }'`, '"; system("echo PWNED"); y = "', 'variable'],
  ['sed', `echo a | sed "s/a/${V}/"`, 'b/;1e echo PWNED\n#', 'variable'],
  ['perl -e', `perl -e 'print "${V}"'`, '"; system("echo PWNED"); "', 'variable'],
  ['arithmetic on a variable', `n=${V}; echo $((n+1))`, SUBSCRIPT, 'variable'],
  ['arithmetic on a variable of a variable', `m=${V}; n=$m; (( n > 1 )) || true`, SUBSCRIPT, 'variable'],
  ['arithmetic on a name in a variable', `m=${V}; n=m; echo $((n))`, SUBSCRIPT, 'variable'],
  ['numeric test of a variable', `n=${V}; [[ $n -gt 1 ]] || true`, SUBSCRIPT, 'variable'],
  [
    'arithmetic on what a function printed',
    `f() { echo "$1"; }; n=$(f ${V}); let n++`,
    SUBSCRIPT,
    'variable',
  ],
  ['arithmetic on an argument', `f() { echo $(( $1 + 1 )); }; f ${V}`, SUBSCRIPT, 'variable'],
  ['arithmetic on a positional parameter', `set -- ${V}; echo "\${PATH:$1}"`, SUBSCRIPT, 'variable'],
  ['arithmetic on the argument of a script', `bash -c 'echo $(( $1 + 1 ))' _ ${V}`, SUBSCRIPT, 'variable'],
  ['arithmetic on an exported variable', `export N=${V}; bash -c 'echo $((N))'`, SUBSCRIPT, 'variable'],
  ['arithmetic on a loop', `for i in 1 ${V}; do (( i > 1 )); done || true`, SUBSCRIPT, 'variable'],
  ['arithmetic on what was read', `read -r n <<< ${V}; echo $((n))`, SUBSCRIPT, 'variable'],
  ['arithmetic on a pipe', `echo ${V} | while read -r n; do echo $((n)); done`, SUBSCRIPT, 'variable'],
  ['arithmetic on a list', `a=(1 ${V}); echo $((a[1]))`, SUBSCRIPT, 'variable'],
  ['arithmetic on printf -v', `printf -v n '%s' ${V}; echo $((n))`, SUBSCRIPT, 'variable'],
  ['arithmetic on a match', `[[ ${V} =~ (.*) ]]; echo $((BASH_REMATCH[1]))`, SUBSCRIPT, 'variable'],
  ['arithmetic in a here-document', `n=${V}\ncat <<EOF\n$((n))\nEOF`, SUBSCRIPT, 'variable'],
  ['arithmetic in backticks', `n=${V}; echo \`echo $((n))\``, SUBSCRIPT, 'variable'],
  ['subscript from a variable', `n=${V}; a=(1); echo "\${a[$n]}"`, SUBSCRIPT, 'variable'],
  ['a name from a variable', `n=${V}; echo "\${!n}" || true`, SUBSCRIPT, 'variable'],
  ['a name for unset from a variable', `n=${V}; a=(1); unset "$n"`, SUBSCRIPT, 'variable'],
  ['integer variable from a variable', `m=${V}; declare -i n; n=$m`, SUBSCRIPT, 'variable'],
  ['prompt expansion', `n=${V}; echo "\${n@P}"`, '$(echo PWNED >&2)', 'variable'],
  ['eval of a variable', `cmd=${V}; eval "$cmd"`, 'echo PWNED', 'variable'],
  ['bash -c of a variable', `cmd=${V}; more="$cmd"; bash -c "$more"`, 'echo PWNED', 'variable'],
  ['a variable piped to a shell', `cmd=${V}; printf '%s' "$cmd" | cat | bash`, 'echo PWNED', 'variable'],
  ['a group piped to a shell', `cmd=${V}; { true; echo "$cmd"; } | bash`, 'echo PWNED', 'variable'],
  ['a variable as the input of a shell', `cmd=${V}; bash <<< "$cmd"`, 'echo PWNED', 'variable'],
  ['source of a variable', `cmd=${V}; source <(echo "$cmd")`, 'echo PWNED', 'variable'],
  ['ssh with a variable', `d=${V}; ssh host "ls $d"`, '/; echo PWNED', 'variable'],
  [
    'arithmetic on a piped variable',
    `m=${V}; echo "$m" | while read n; do let n++; done`,
    SUBSCRIPT,
    'variable',
  ],
  ['a program from a variable', `cmd=${V}; $cmd`, 'eval echo$IFS"PWNED"', 'variable'],
  ['sed with a variable', `x=${V}; echo a | sed "s/a/$x/"`, 'b/;1e echo PWNED\n#', 'variable'],
  ['git -c', `git -c alias.x=${V} x`, '!echo PWNED', 'variable'],
  ['git -c with a name', `git -c ${V} x`, 'alias.x=!echo PWNED', 'variable'],
  ['git config', `git config --file /dev/null x.y z; git config alias.x ${V}`, 'PWNED', 'variable'],
  ['a variable that git runs', `GIT_PAGER=${V} git --paginate version`, 'echo PWNED', 'variable'],
  ['tmux', `tmux send-keys ${V} Enter`, 'echo PWNED', 'variable'],
  ['busybox', `busybox sh -c ${V}`, 'echo PWNED', 'variable'],
];

const STUBS =
  'git() { case "$*" in config*alias*) echo PWNED;; config*) ;; *-c*) [ "$2" != "" ] && eval "${2#alias.x=!}";; *) eval "$GIT_PAGER";; esac; }; ' +
  'tmux() { eval "$2"; }; busybox() { "$@"; }; ' +
  'sudo() { shift; "$@"; }; docker() { shift 2; "$@"; }; ssh() { [ "$1" = -p ] && shift 2; shift; eval "$*"; }\n';

/** What a shell prints when the value is put into the script as a careless tool would. */
function runNaively(script: string, attack: string, naive: Naive): string {
  const before = script.slice(0, script.indexOf(V)).split('\n').at(-1)!;
  const isSingle = before.split("'").length % 2 === 0;
  const isDouble = !isSingle && before.split('"').length % 2 === 0 && !/\$\([^)]*$/.test(before);
  const reference = isSingle ? `'"$V"'` : isDouble ? '$V' : '"$V"';
  const text = naive === 'text' ? script.replace(V, () => attack) : script.replace(V, () => reference);
  const run = spawnSync('bash', ['-c', STUBS + text], {
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin', V: attack },
    encoding: 'utf8',
    timeout: 20_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return run.stdout + run.stderr;
}

describe('unsafe spots are refused, and the attack is real', () => {
  test.each(attacks)('%s', (_, script, attack, naive) => {
    expect(runNaively(script, attack, naive)).toMatch(/^PWNED$/m);
    const { problems } = analyseShell(script, 'bash');
    expect(problems.map((problem) => problem.code)).toContain('unsafe_interpolation');
    const line = script.slice(0, script.indexOf('{{')).split('\n').length;
    expect(problems[0]!.message).toContain(`line ${line}:`);
    const isArithmetic = problems[0]!.message.includes('arithmetic');
    expect(problems[0]!.hint).toContain(isArithmetic ? 'int(' : 'env:');
    if (isArithmetic) expect(problems[0]!.hint).not.toContain('env:');
  });
});

const plain: string[] = [
  `git commit -m ${V}`,
  `command -v ${V} >/dev/null`,
  `gzip -c ${V} | tee >(wc -c) > out`,
  `cd ${V} && npm run build -- --env "${V}" > ${V}.log 2>&1`,
  `curl -fsS "https://example.org/${V}?q=1" -o '${V}'`,
  `if [ "${V}" = prod ] && [ "$n" -gt ${V} ]; then exit 1; fi`,
  `X=${V} Y="a ${V}" make -j 4 TARGET=${V}`,
  `sudo -u app -- tar -C ${V} -xzf ./app.tgz`,
  `timeout 5 grep -rn -- ${V} src | head -n ${V}`,
  `find . -name ${V} -exec grep -l ${V} {} +`,
  `docker run --rm -e NAME=${V} image:${V} npm test`,
  `ssh -p ${V} -- ${V} uptime`,
  `scripts/run-${V}.sh ${V}`,
  `bash ./scripts/check.sh --name ${V}`,
  `curl -fsS https://example.org/install.sh | bash -s -- ${V}`,
  `node scripts/run.js ${V}`,
  `awk -v name=${V} '{ print name }' ${V}`,
  `sed -n 's/a/b/p' ${V}`,
  `python3 -c 'import sys; print(sys.argv[1])' ${V}`,
  `echo ${V} | tee out.txt; cat other | sh`,
  `local name=${V}; readonly b="${V}"`,
  `a=(x ${V}); a+=("${V}")`,
  `select x in a ${V}; do break; done`,
  `coproc cat ${V}`,
  `apt-get install -y bash ${V}`,
  `printf '%d\n' ${V}`,
  `time -p npm test ${V}`,
  `count=0; name=${V}; (( count++ )) || true; echo "$name $((count + 1))"`,
  `n=${V}; [ "$n" -gt 1 ]`,
  `files=(${V}); [[ \${#files[@]} -gt 0 ]] && echo "\${files[0]}" "\${files[@]:1}"`,
  `n=${V}; echo "\${n:-none} \${n:0:8} \${n%%.*}"`,
  `code=0; out=$(npm test ${V}) || code=$?; (( code == 0 ))`,
  `cmd=ls; x=${V}; eval "$cmd"; bash -c 'echo "$1"' _ "$x"`,
  `awk '{ print $1 }' ${V}; f() { echo "$1"; }; f ${V}`,
  `export N=${V}; node -e 'const read = [[1]]; let N = (( 1 ))'`,
  `eval "$(ssh-agent -s)"; ssh_agent=${V}`,
  `x=${V}; echo "$x" | tee log; cat script.sh | bash; i=0; while read -r l; do ((++i)); done < list`,
  `git -c user.name=${V} -c core.quotePath=false commit -m ${V}`,
  `git config user.name ${V}`,
  `! test -f ${V} || [[ -f ${V} && ${V} != *.md ]]`,
];

test.each(plain)('a plain use is not refused: %s', (script) => {
  expect(analyseShell(script, 'bash').problems).toEqual([]);
});

describe('what the lexer cannot follow is unsafe', () => {
  test.each([
    ['unbalanced single quote', `echo ${V} 'oops`],
    ['unbalanced double quote', `echo "${V}`],
    ['open substitution', `echo ${V} $(date`],
    ['stray parenthesis', `echo ${V} )`],
    ['parenthesis in a command', `echo (${V})`],
    ['here-document without end', `cat <<EOF\n${V}`],
    ['case without esac', `case x in x) echo ${V}`],
    ['quote in a quoted parameter', `echo "\${x:-it's}" ${V}`],
    ['line break in a word after <<', `cat <<EOF "a\nb"\nEOF\necho ${V}`],
    ['carriage return', `echo a\r\necho ${V}`],
    ['NUL', `echo \0 ${V}`],
    ['subscript with spaces', `a[ ${V} ]=1`],
    ['deep nesting', `${'$('.repeat(20_000)}${V}${')'.repeat(20_000)}`],
  ])('%s', (_, script) => {
    expect(analyseShell(script, 'bash').problems[0]?.code).toBe('unsafe_interpolation');
  });

  test.each([
    ['sh', `echo a &> ${V} b`],
    ['sh', `[[ a || ${V} x ]]`],
    ['dash', `echo $'a${V}'`],
    ['zsh', `[ 1 -eq ${V} ]`],
    ['zsh', `echo "$a[${V}]"`],
    ['zsh', `printf %d ${V}`],
    ['ksh', `exit ${V}`],
    ['python3', `print(${V})`],
    ['fish', `echo ${V}`],
  ])('%s does not take: %s', (shell, script) => {
    expect(analyseShell(script, shell).problems[0]?.code).toBe('unsafe_interpolation');
  });

  test('many variables, each from the one before, are read in one pass', () => {
    const chain = Array.from({ length: 5_000 }, (_, index) => `n${index + 1}=$n${index}\n`).join('');
    const { problems } = analyseShell(`n0=${V}\n${chain}echo $((n5000))`, 'bash');
    expect(problems[0]!.message).toContain('variable `n0`');
  });

  test('a long script is read in one pass', () => {
    const script = `echo "${V}" '$(' \`date\` # it's\n`.repeat(900) + ': x\n'.repeat(20_000);
    expect(analyseShell(script, 'bash').problems).toEqual([]);
  });
});

test('references of all values are found, with offsets into the script', () => {
  const { references, problems } = analyseShell('echo {{ inputs.a }} {{ nope( }}', 'bash');
  expect(references).toEqual([{ root: 'inputs', path: ['a'] }]);
  expect(problems).toMatchObject([{ code: 'syntax', offset: 29 }]);
});
