/**
 * Tokens that services mark by how they begin. Each pattern is tried only where no letter or digit stands before it,
 * and takes the whole run, so a text is scanned once.
 */
import type { Span } from './span.ts';

const BEGINNINGS: readonly string[] = [
  // code hosts and their packages
  'gh[pousr]_[A-Za-z0-9]{10}',
  'github_pat_\\w{10}',
  'gl(?:pat|ptt|rt|dt|soat|cbt|agent|ft|imt|oas|ffct)-[\\w-]{10}',
  'npm_[A-Za-z0-9]{16}',
  'pypi-[\\w-]{16}',
  'rubygems_[0-9a-f]{16}',
  'dckr_(?:pat|oat)_[\\w-]{10}',
  'ATATT[\\w-]{10}',
  'ATBB[A-Za-z0-9]{10}',
  // clouds
  '(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA|AGPA|ANPA|ANVA)[A-Z0-9]{12}',
  'AIza[\\w-]{20}',
  'ya29\\.[\\w-]{10}',
  '1//0[\\w-]{20}',
  'GOCSPX-[\\w-]{10}',
  'do[opr]_v1_[0-9a-f]{16}',
  'dapi[0-9a-f]{16}',
  'tskey-[\\w-]{10}',
  'hv[sbr]\\.[\\w-]{10}',
  'pscale_(?:tkn|pw|oauth)_[\\w-]{10}',
  'sbp_[0-9a-f]{16}',
  'fo1_[\\w-]{16}',
  'fm[12]_[\\w/+-]{16}',
  'vcp_[A-Za-z0-9]{16}',
  '[A-Za-z0-9]{14}\\.atlasv1\\.[\\w-]{10}',
  // models
  'sk-[\\w-]{16}',
  'sk_[A-Za-z0-9]{24}',
  'hf_[A-Za-z0-9]{16}',
  'gsk_[A-Za-z0-9]{16}',
  'xai-[A-Za-z0-9]{16}',
  'r8_[A-Za-z0-9]{16}',
  // messages and mail
  'xox[a-z]-[\\w-]{8}',
  'xoxe\\.xox[a-z]-[\\w-]{8}',
  'xapp-[\\w-]{10}',
  'SG\\.[\\w-]{10}',
  'xkeysib-[\\w-]{10}',
  'key-[0-9a-f]{32}',
  '\\d{8,10}:AA[\\w-]{20}',
  '(?:SK|AC)[0-9a-f]{32}',
  // money and shops
  '(?:sk|rk|pk)_(?:live|test)_[\\w-]{8}',
  'whsec_[\\w+/=-]{10}',
  'shp(?:at|ss|ca|pa)_[0-9a-fA-F]{16}',
  'sq0[a-z]{3}-[\\w-]{16}',
  // observation and work
  'gl(?:sa|c)_[\\w-]{16}',
  'sntry[su]_[\\w-]{10}',
  'NRAK-[A-Z0-9]{16}',
  'lin_(?:api|oauth)_[\\w-]{16}',
  'figd_[\\w-]{16}',
  'ntn_[A-Za-z0-9]{16}',
  'PMAK-[\\w-]{16}',
  'AGE-SECRET-KEY-1[0-9A-Z]{10}',
  'eyJ[\\w-]{10}',
];

const TOKEN = new RegExp(`(?<![A-Za-z0-9])(?:${BEGINNINGS.join('|')})[\\w.+=~-]*`, 'g');
/** What `crypt` makes of passwords. */
const CRYPT = /\$(?:1|2[abxy]|5|6|7|y|gy|apr1|argon2(?:id|i|d))\$[\w./$=,+-]{8,}/g;
/** Addresses whose path is the secret. */
const HOOK =
  /(?<=hooks\.slack\.com\/(?:services|workflows|triggers)\/|discord(?:app)?\.com\/api\/webhooks\/|webhook\.office\.com\/|chat\.googleapis\.com\/v1\/spaces\/|api\.telegram\.org\/bot|outlook\.office\.com\/webhook\/)[\w/@.:%+=?&-]+/g;

/** Without what only ends a sentence. */
export function knownTokenSpans(text: string): readonly Span[] {
  const spans: Span[] = [];
  for (const pattern of [TOKEN, HOOK, CRYPT]) {
    for (const { 0: found, index } of text.matchAll(pattern))
      spans.push({ from: index, to: index + found.length - (found.endsWith('.') ? 1 : 0) });
  }
  return spans;
}
