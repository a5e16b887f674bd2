/**
 * Long runs of characters that no word, path, version or digest looks like: what a generator of keys makes. A run is
 * judged by its neighbouring pairs: in names and paths most pairs of letters are common ones, in keys few are.
 * Left alone: hexadecimal digits as long as a known digest, UUIDs, digests with their name before them.
 */
import type { Span } from './span.ts';

const RUN = /[\w+/=~.-]{20,}/g;
const PIECE_CHARS_MIN = 20;
const DIGEST_CHARS: ReadonlySet<number> = new Set([56, 64, 96, 128]);
const GIT_HASH_CHARS_MAX = 40;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const HEX = /^(?:0x)?[0-9a-f]+$/i;
const NAMED_DIGEST = /(?:sha(?:1|224|256|384|512)|md5|h1|blake[23][bs]?)[-:]$/i;
/** Pairs of letters that make up nine tenths of the words of command lines. */
const COMMON = new Set(
  'ab ac ad ag ai ak al am an ap ar as at au av ay ba be bi bl bo br bs bu ca cc ce ch ci ck cl co cr cs ct cu da de di do dr ds du ea eb ec ed ee ef eg el em en ep er es et ev ew ex ey fa fe ff fi fl fo fs ga ge gh gi gn go gr gs gu ha he hi ho ht ia ib ic id ie if ig il im in io ip ir is it iv ix iz ke ki ks la ld le li ll lo ls lt lu ly ma mb me mi mm mo mp ms mt mu na nc nd ne nf ng ni nm nn no ns nt nu nv oa ob oc od of og oi ok ol om on oo op or os ot ou ov ow pa pd pe ph pi pl pm pn po pp pr ps pt pu qu ra rc rd re rg ri rk rl rm rn ro rp rr rs rt ru ry sa sc se sh si sk sl so sp ss st su sy ta tc te th ti tl to tp tr ts tt tu ty ua ub uc ud ue ui ul um un up ur us ut va ve vi wa we wi wo xe xp xt yp ys ze'.split(
    ' ',
  ),
);
/** A key has such a piece between its separators; a name made of abbreviations has none. */
const WORD_CHARS_MIN = 10;
const ODD_SHARE_MIN = 0.45;
const LETTERS_ODD_SHARE_MIN = 0.5;
const READABLE_SHARE_MAX = 0.3;

export function randomRunSpans(text: string): readonly Span[] {
  const spans: Span[] = [];
  for (const { 0: run, index } of text.matchAll(RUN)) {
    if (!/\d/.test(run) && !/[a-z][A-Z]|[A-Z][a-z]/.test(run)) continue;
    if (NAMED_DIGEST.test(text.slice(Math.max(0, index - 8), index + 7).slice(0, 15)) || isNamedDigest(run))
      continue;
    let at = index;
    for (const piece of piecesOf(run)) {
      if (isRandom(piece)) spans.push({ from: at, to: at + piece.length });
      at += piece.length + 1;
    }
  }
  return spans;
}

const isNamedDigest = (run: string): boolean => /^(?:sha(?:1|224|256|384|512)|md5)-[\w+/]+={0,2}$/i.test(run);

/** A run is cut where an assignment or a name stands before it; a path stays one piece. */
const piecesOf = (run: string): readonly string[] => run.split(/[=.~](?!=|$)/);

function isRandom(piece: string): boolean {
  const bare = piece.replace(/[=.]+$/, '');
  if (bare.length < PIECE_CHARS_MIN || UUID.test(bare)) return false;
  if (HEX.test(bare)) return bare.length > GIT_HASH_CHARS_MAX && !DIGEST_CHARS.has(bare.length);
  if (/^[\d_.-]+$/.test(bare)) return false;
  return bare.includes('/') ? isRandomPath(bare) : isOdd(bare);
}

/** Base64 has slashes too: a path has words between them. */
function isRandomPath(piece: string): boolean {
  const parts = piece.split('/').filter((part) => part !== '');
  const readable = parts.filter(
    (part) => part.length >= 3 && /^[A-Za-z_-]+$/.test(part) && oddShare(part) < 0.35,
  );
  const chars = readable.reduce((sum, part) => sum + part.length, 0);
  if (/^[/]/.test(piece) && chars > 0) return false;
  return chars / piece.length < READABLE_SHARE_MAX && parts.some((part) => part.length >= 12 && isOdd(part));
}

/** A key has digits or capitals strewn over it; without digits much more has to be odd. */
function isOdd(text: string): boolean {
  const hasDigit = /\d/.test(text);
  if (!hasDigit && !(/[a-z]/.test(text) && /[A-Z]/.test(text))) return false;
  const words = text.split(/[-_+]/);
  // a name with a digest, a date or a number at its end
  const odd = words.filter((word) => !HEX.test(word));
  const shareMin = hasDigit ? ODD_SHARE_MIN : LETTERS_ODD_SHARE_MIN;
  return (
    odd.some((word) => word.length >= WORD_CHARS_MIN && oddShare(word) >= shareMin) &&
    oddShare(odd.join('-')) >= shareMin
  );
}

/** The share of neighbours that do not belong together in a word, a number or a name. */
function oddShare(text: string): number {
  let odd = 0;
  let pairs = 0;
  for (let i = 1; i < text.length; i += 1) {
    const before = text[i - 1] as string;
    const here = text[i] as string;
    if (/[-_+]/.test(before) || /[-_+]/.test(here)) continue;
    pairs += 1;
    if (isOddPair(before, here)) odd += 1;
  }
  return pairs === 0 ? 0 : odd / pairs;
}

function isOddPair(before: string, here: string): boolean {
  const isDigit = /\d/.test(before);
  if (isDigit !== /\d/.test(here)) return true;
  if (isDigit) return false;
  if (/[A-Z]/.test(here) && /[a-z]/.test(before)) return !COMMON_TURN.test(before);
  return !COMMON.has((before + here).toLowerCase());
}

/** Letters that words of names in camel case often end with. */
const COMMON_TURN = /[degklmnrsty]/;
