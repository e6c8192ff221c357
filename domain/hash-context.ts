/** Words that name what 32 to 64 hexadecimal digits are, when they are of no file; some of those are a secret. */
const OTHER_WORDS = new Set([
  // of a part of a file, or of how it looks
  ...['imphash', 'imp', 'authentihash', 'authenti', 'ssdeep', 'tlsh', 'vhash', 'pehash', 'rich', 'richhash', 'import'],
  // of a connection
  ...['ja3', 'ja3s', 'ja3n', 'ja4', 'ja4s', 'ja4h', 'ja4x', 'ja4l', 'ja4t', 'ja4ssh', 'jarm', 'hassh', 'hasshserver'],
  // of a certificate
  ...['thumbprint', 'thumb', 'fingerprint', 'cert', 'certificate', 'x5t', 'issuer', 'serial', 'number', 'ski'],
  // of a state of sources, an answer, an image
  ...['commit', 'rev', 'revision', 'etag', 'container', 'layer', 'manifest', 'repodigest'],
  // names of things
  ...['id', 'ids', 'session', 'uuid', 'guid', 'trace', 'span', 'correlation', 'transaction', 'txn', 'tx', 'wallet'],
  ...[
    'aid',
    'cid',
    'gid',
    'mid',
    'oid',
    'pid',
    'rid',
    'sid',
    'tid',
    'txid',
    'uid',
    'agentid',
    'containerid',
    'deviceid',
  ],
  ...['eventid', 'messageid', 'requestid', 'sessionid', 'tenantid', 'traceid', 'spanid', 'userid', 'clientid'],
  // what nobody else may see
  ...['password', 'passwd', 'passphrase', 'pwd', 'secret', 'token', 'apikey', 'key', 'cookie', 'csrf', 'bearer'],
  ...['ntlm', 'ntlmv2', 'nthash', 'lmhash', 'nt', 'lm', 'nonce', 'salt', 'iv', 'hmac', 'signature', 'credential'],
]);
/** These say how it was made, not of what: that is said before. */
const HOW_WORDS = new Set(['hash', 'hashes', 'md5', 'sha', 'sha1', 'sha256', '1', '256', 'value', 'is', 'of']);
/** Protocols that have hashes of their own, wherever they stand in a dotted name: `tls.server.hash.sha256`. */
const PROTOCOLS = new Set(['tls', 'ssl', 'x509', 'amz']);
const FILE_WORDS = new Set(['file', 'sample', 'malware', 'attachment']);
const IMAGES = new Set(['image', 'repo', 'container']);
/** Labels are short; of a longer word the end is looked at. */
const LONGEST = 64;

/** `certificateSha1`, `tls.server.ja3s`: the words in it, in lower case. */
function wordsIn(label: string): string[] {
  const spaced = label.slice(-LONGEST).replace(/([a-z0-9])([A-Z])/g, '$1 $2');
  return spaced.toLowerCase().match(/[a-z0-9]{1,64}/g) ?? [];
}

/**
 * True when the labels before a hash, the nearest first, say that it is none of a file: then no source of file reputation
 * knows it, and some (a password's) must not be sent to any.
 */
export function isOtherHash(labels: readonly string[]): boolean {
  const [nearest = [], next = [], last = []] = labels.map(wordsIn).filter((words) => words.length > 0);
  const what = nearest.filter((word) => !HOW_WORDS.has(word));
  const made = what.length < nearest.length;
  if (made && what.some((word) => PROTOCOLS.has(word))) return true;
  // only the last word counts: `password.docx` names a file
  return what.length === 0 ? isOther(next, last) : isOther(what, next);
}

function isOther(words: readonly string[], before: readonly string[]): boolean {
  const last = words.at(-1) ?? '';
  if (last === 'digest') return [words.at(-2), before.at(-1)].some((word) => IMAGES.has(word ?? ''));
  return OTHER_WORDS.has(last) && !(last === 'id' && words.some((word) => FILE_WORDS.has(word)));
}
