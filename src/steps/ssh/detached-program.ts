/**
 * What the other machine's `sh` reads where a command is detached. The command gets a folder of its own:
 * `out`, `err`, `process` (pid, start, boot) and, written beside and renamed when it has ended, `exit`.
 * 1. Whoever makes the folder runs the command: two that want to at once, or a second one later, run it once.
 * 2. A folder stays for some days after its end, so that whoever asks again finds the end and not nothing.
 */
import { OUTPUT_BYTES_MAX, SSH_DETACHED_DAYS } from '../../engine/core/limits.ts';
import { shellQuote } from '../../engine/core/shell-quote.ts';
import { exportsOf, preparation, SHELL_WORDS, sayFunction } from './remote-program.ts';
import type { SshCommand } from './ssh-call.ts';

/** As a message shows it; from the home of whoever the command runs as. */
export const detachedFolder = (name: string): string => `~/.belay/ssh/${name}`;

/** Runs in a session of its own. Takes folder, script, shell and flags as arguments: no variable could meet one of the script's. */
const RUNNER = `mkdir -m 700 -- "$1" 2>/dev/null || exit 0
exec >"$1/out" 2>"$1/err"
trap : TERM INT
{ printf '%s ' $$
cut -d ' ' -f 22 /proc/$$/stat 2>/dev/null || printf '%s\\n' -
cat /proc/sys/kernel/random/boot_id 2>/dev/null || printf '%s\\n' -
} >"$1/process.part"
mv -f -- "$1/process.part" "$1/process"
"$3" "$4" \${5+"$5"} -c "$2"
printf '%s\\n' $? >"$1/exit.part"
mv -f -- "$1/exit.part" "$1/exit"
`;

/** Whether the command's runner still lives; a pid alone may be somebody else's by now. */
const ALIVE = `belay_alive() {
[ -f "$belay_folder/process" ] || return 1
belay_boot=- belay_now=-
{ read -r belay_pid belay_start; read -r belay_boot; } <"$belay_folder/process"
[ "$belay_start" = - ] && { kill -0 $belay_pid 2>/dev/null; return; }
{ read -r belay_now </proc/sys/kernel/random/boot_id; } 2>/dev/null
[ "$belay_now" = "$belay_boot" ] || return 1
case $(cut -d ' ' -f 3,22 /proc/$belay_pid/stat 2>/dev/null) in
"Z $belay_start") return 1;;
*" $belay_start") return 0;;
esac
return 1
}`;

const start = (command: SshCommand, mark: string): string =>
  [sayFunction(mark), `belay_folder=$HOME/.belay/ssh/${command.detach}`].join('\n');

interface Offsets {
  readonly stdout: number;
  readonly stderr: number;
}

/** Waits until the command has begun, says `go`, and hands on its output until it has ended or standard input has. */
const followLoop = (from: Offsets): string => `exec 3<&0 </dev/null
( read -r belay_a <&3; kill -TERM $$ ) >/dev/null 2>&1 &
belay_round=0
until [ -f "$belay_folder/process" ]; do
belay_round=$((belay_round + 1))
[ $belay_round -gt 100 ] && { belay_say folder; exit 0; }
sleep 0.05 || sleep 1
done
belay_say go
belay_out=${from.stdout} belay_err=${from.stderr} belay_round=0
while :; do
belay_over=
belay_alive || belay_over=1
belay_size=$(($(wc -c <"$belay_folder/out")))
if [ $belay_size -gt $belay_out ]; then
tail -c +$((belay_out + 1)) "$belay_folder/out" | head -c $((belay_size - belay_out))
belay_out=$belay_size
fi
belay_size=$(($(wc -c <"$belay_folder/err")))
if [ $belay_size -gt $belay_err ]; then
tail -c +$((belay_err + 1)) "$belay_folder/err" | head -c $((belay_size - belay_err)) >&2
belay_err=$belay_size
fi
[ -n "$belay_over" ] && exit 0
belay_round=$((belay_round + 1))
if [ $belay_round -lt 20 ]; then sleep 0.1; else sleep 0.5; fi || sleep 1
done
`;

/** Starts the command unless that was done before, then says `go` and hands on its output from there, until it ends. */
export function followProgram(command: SshCommand, mark: string, from: Offsets): string {
  return `{
${start(command, mark)}
if ! [ -d "$belay_folder" ]; then
mkdir -p -m 700 -- "$HOME/.belay/ssh" 2>/dev/null || { belay_say folder; exit 0; }
${[...preparation(command), SHELL_WORDS].join('\n')}
(
find "$HOME/.belay/ssh" -name exit -mtime +${SSH_DETACHED_DAYS} | while IFS= read -r belay_old; do
rm -rf -- "\${belay_old%/exit}"
done
) </dev/null >/dev/null 2>&1 &
if command -v setsid >/dev/null 2>&1; then belay_apart=setsid; else belay_apart=nohup; fi
(
trap '' HUP
set -- $belay_apart /bin/sh -c ${shellQuote(RUNNER)} belay "$belay_folder" ${shellQuote(command.script)} "$@"
${exportsOf(command).join('\n')}
exec "$@"
) </dev/null >/dev/null 2>&1 &
fi
${ALIVE}
${followLoop(from)}}
`;
}

/** Says the exit code, or \`lost\` where there is none, and then the first bytes of both streams. */
export const collectProgram = (command: SshCommand, mark: string): string => `{
${start(command, mark)}
belay_code=
{ read -r belay_code <"$belay_folder/exit"; } 2>/dev/null
belay_say "\${belay_code:-lost}"
head -c ${OUTPUT_BYTES_MAX} "$belay_folder/out"
head -c ${OUTPUT_BYTES_MAX} "$belay_folder/err" >&2
exit 0
}
`;

/** A killed process is there for another moment; nobody waits long for it. */
const GONE_ROUNDS_MAX = 20;

/** TERM for the command's process group, and KILL after the grace; ends when the command has. */
export const endProgram = (command: SshCommand, mark: string): string => `{
${start(command, mark)}
${ALIVE}
belay_say go
belay_alive || exit 0
if kill -0 -$belay_pid 2>/dev/null; then belay_target=-$belay_pid; else belay_target=$belay_pid; fi
kill -TERM $belay_target
belay_round=0
while kill -0 $belay_target 2>/dev/null && [ $belay_round -lt ${Math.ceil(command.killGraceMs / 100)} ]; do
belay_round=$((belay_round + 1))
sleep 0.1 || sleep 1
done
belay_round=0
while kill -KILL $belay_target 2>/dev/null && [ $belay_round -lt ${GONE_ROUNDS_MAX} ]; do
belay_round=$((belay_round + 1))
sleep 0.1 || sleep 1
done
exit 0
}
`;
