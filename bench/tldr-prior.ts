/**
 * Makes the bundled prior, `templates/learning/prior.json.gz`, from tldr-pages (CC-BY-4.0):
 * `node bench/tldr-prior.ts PAGES [OUT]`, where PAGES is the folder of the pages or a file of JSON Lines. Pages of programs
 * that workflows use much come first; those at the end that do not fit are left out.
 */
import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { type PageExample, readPages } from './tldr-page.ts';

const OUT = 'templates/learning/prior.json.gz';
const BYTES_MAX = 290_000;
const EXAMPLES_OF_PAGE_MAX = 8;
const SUMMARY_CHARS_MAX = 90;
const COMMAND_CHARS_MAX = 160;
/** Programs of daily work, in no order. */
const CORE = new Set(
  `ls cd cp mv rm mkdir rmdir ln cat less head tail touch find grep rg fd awk sed sort uniq wc cut tr xargs tee diff patch
  tar gzip gunzip zip unzip xz zstd 7z curl wget ssh scp rsync sftp ssh-keygen ssh-copy-id nc ncat telnet ping traceroute dig
  nslookup host ip ss netstat lsof nmap tcpdump iptables ufw ps top htop kill pkill pgrep killall nice nohup jobs free df du
  mount umount lsblk fdisk mkfs fsck dd sync chmod chown chgrp umask useradd usermod userdel groupadd passwd su sudo id who
  whoami last uptime uname hostname date cal crontab at systemctl journalctl dmesg service shutdown reboot env export
  printenv alias history source which whereis type man echo printf read test seq yes true sleep time timeout watch parallel
  git gh glab hub svn hg docker docker-compose podman kubectl helm minikube kind terraform tofu ansible vagrant packer aws az
  gcloud npm npx pnpm yarn bun node deno python python3 pip pipx uv poetry conda venv pytest ruff black mypy tox go cargo
  rustc rustup java javac mvn gradle ruby gem bundle rails php composer dotnet gcc clang make cmake ninja gdb strace ltrace
  valgrind perf jq yq xmllint openssl gpg base64 md5sum sha1sum sha256sum cksum hexdump xxd od strings file stat readlink
  realpath basename dirname split join paste comm nl fold column rev shuf vim nano emacs tmux screen psql mysql mysqldump
  sqlite3 redis-cli mongosh pg_dump pg_restore apt apt-get apt-cache dpkg dnf yum rpm pacman apk brew snap flatpak ffmpeg
  convert magick pandoc locate updatedb tree ncdu bat eza fzf entr hyperfine http nginx certbot caddy kafka-topics vault consul
  nomad eslint prettier tsc vite vitest jest playwright biome just task pre-commit shellcheck shfmt hadolint trivy act
  logrotate rclone restic borg iostat vmstat sar iotop free lscpu lsusb lspci modprobe sysctl ulimit screen expect bc`
    .split(/\s+/)
    .filter((word) => word !== ''),
);

/** `git-commit` is a page of `git`. */
function rankOf(page: string): number {
  if (CORE.has(page)) return 0;
  const first = page.split('-')[0] as string;
  return CORE.has(first) && first.length > 1 ? 1 : 2;
}

/** Braces within braces cannot be told from what is to be filled in. */
const isUneven = (command: string): boolean => /\{\{|\}\}/.test(command.replace(/\{\{[^{}]*\}\}/g, ''));

type PageRow = readonly [page: string, summary: string, examples: readonly (readonly [string, string])[]];

function rowsOf(examples: readonly PageExample[]): readonly PageRow[] {
  const pages = new Map<string, { summary: string; rows: [string, string][] }>();
  for (const { page, summary, goal, command } of examples) {
    const row = pages.get(page) ?? { summary: summary.slice(0, SUMMARY_CHARS_MAX), rows: [] };
    pages.set(page, row);
    // one that only says where the real page is
    const isOdd = command.startsWith('tldr ') || command.length > COMMAND_CHARS_MAX || isUneven(command);
    if (!isOdd && row.rows.length < EXAMPLES_OF_PAGE_MAX) row.rows.push([goal, command]);
  }
  return [...pages]
    .filter(([, { rows }]) => rows.length > 0)
    .sort(
      ([a], [b]) => rankOf(a) - rankOf(b) || a.split('-').length - b.split('-').length || (a < b ? -1 : 1),
    )
    .map(([page, { summary, rows }]) => [page, summary, rows]);
}

const documentOf = (pages: readonly PageRow[]): Buffer =>
  gzipSync(
    JSON.stringify({
      format: 'belay-prior',
      version: 1,
      source: 'tldr-pages',
      attribution: 'tldr-pages contributors, https://github.com/tldr-pages/tldr',
      licence: 'CC-BY-4.0, https://creativecommons.org/licenses/by/4.0/',
      changes: 'a selection of examples; flags in their long form, summaries shortened',
      pages,
    }),
    { level: 9 },
  );

/** The longest beginning whose document fits. */
function fitting(pages: readonly PageRow[]): readonly PageRow[] {
  let [low, high] = [0, pages.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (documentOf(pages.slice(0, middle)).length <= BYTES_MAX) low = middle;
    else high = middle - 1;
  }
  return pages.slice(0, low);
}

const [source, out = OUT] = process.argv.slice(2);
if (source === undefined) {
  process.stderr.write('no pages: name the folder of tldr-pages, or a file of JSON Lines\n');
  process.exitCode = 2;
} else {
  const all = rowsOf(readPages(source));
  const pages = fitting(all);
  const document = documentOf(pages);
  writeFileSync(out, document);
  const examples = pages.reduce((sum, [, , rows]) => sum + rows.length, 0);
  process.stdout.write(
    `${out}: ${examples} examples of ${pages.length} pages, of ${all.length}; ${document.length} bytes\n`,
  );
}
