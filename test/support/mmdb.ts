import ipaddr from 'ipaddr.js';

type Value = string | number | boolean | readonly Value[] | { readonly [key: string]: Value };

export interface MmdbContents {
  /** As the file calls itself: `GeoLite2-City` … */
  type: string;
  /** RFC 3339. */
  built: string;
  /** Records by CIDR range; of two that overlap, the later one counts. */
  networks: Record<string, Value>;
  /** Default 6, as the usual databases have it; IPv4 lies at its beginning. */
  ipVersion?: 4 | 6;
}

/** A node of the search tree, a record by its offset among the data, or nothing. */
type Branch = Node | { record: number } | undefined;
type Node = [Branch, Branch];

const SEPARATOR = Buffer.alloc(16);
const MARKER = Buffer.concat([Buffer.from([0xab, 0xcd, 0xef]), Buffer.from('MaxMind.com')]);

/** A database in the MaxMind DB format 2.0, with records of 24 bits: enough for tests. */
export function writeMmdb({ type, built, networks, ipVersion = 6 }: MmdbContents): Buffer {
  const root: Node = [undefined, undefined];
  const data: Buffer[] = [];
  let size = 0;
  for (const [range, value] of Object.entries(networks)) {
    insert(root, bitsOf(range, ipVersion), { record: size });
    const bytes = encode(value);
    data.push(bytes);
    size += bytes.length;
  }
  const tree = flatten(root);
  const metadata = encode({
    node_count: tree.length / 6,
    record_size: 24,
    ip_version: ipVersion,
    database_type: type,
    languages: ['en'],
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: Math.floor(Date.parse(built) / 1000),
    description: { en: 'made by a test' },
  });
  return Buffer.concat([tree, SEPARATOR, ...data, MARKER, metadata]);
}

function bitsOf(range: string, ipVersion: 4 | 6): number[] {
  const [address, length] = ipaddr.parseCIDR(range);
  const pad = ipVersion === 6 && address.kind() === 'ipv4' ? 96 : 0;
  const bits = address.toByteArray().flatMap((byte) => [7, 6, 5, 4, 3, 2, 1, 0].map((at) => (byte >> at) & 1));
  return [...Array<number>(pad).fill(0), ...bits.slice(0, length)];
}

function insert(root: Node, bits: readonly number[], leaf: { record: number }): void {
  let node = root;
  for (const bit of bits.slice(0, -1)) {
    const next = node[bit];
    // A wider range is split, so that the rest of it stays.
    node = Array.isArray(next) ? next : (node[bit] = [next, next]);
  }
  node[bits.at(-1) ?? 0] = leaf;
}

function flatten(root: Node): Buffer {
  const nodes: Node[] = [root];
  const numbers = new Map<Node, number>([[root, 0]]);
  for (const node of nodes) {
    for (const branch of node) if (Array.isArray(branch)) numbers.set(branch, nodes.push(branch) - 1);
  }
  const tree = Buffer.alloc(nodes.length * 6);
  nodes.forEach((node, index) =>
    node.forEach((branch, side) => {
      const target = Array.isArray(branch) ? (numbers.get(branch) ?? 0) : recordAt(branch, nodes.length);
      tree.writeUIntBE(target, index * 6 + side * 3, 3);
    }),
  );
  return tree;
}

function recordAt(branch: { record: number } | undefined, count: number): number {
  return branch === undefined ? count : count + SEPARATOR.length + branch.record;
}

const TYPES = { text: 2, double: 3, uint32: 6, map: 7, array: 11, boolean: 14 };

function encode(value: Value): Buffer {
  if (typeof value === 'string') {
    const bytes = Buffer.from(value);
    return Buffer.concat([control(TYPES.text, bytes.length), bytes]);
  }
  if (typeof value === 'boolean') return control(TYPES.boolean, value ? 1 : 0);
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(Number.isInteger(value) ? 4 : 8);
    if (Number.isInteger(value)) bytes.writeUInt32BE(value);
    else bytes.writeDoubleBE(value);
    return Buffer.concat([control(bytes.length === 4 ? TYPES.uint32 : TYPES.double, bytes.length), bytes]);
  }
  if (Array.isArray(value)) return Buffer.concat([control(TYPES.array, value.length), ...value.map(encode)]);
  const entries = Object.entries(value);
  return Buffer.concat([control(TYPES.map, entries.length), ...entries.flat().map((each) => encode(each))]);
}

function control(type: number, size: number): Buffer {
  if (size >= 285) throw new Error(`${size} is more than this writer can put into one value`);
  const first = size < 29 ? size : 29;
  const head = type < 8 ? [(type << 5) | first] : [first, type - 7];
  return Buffer.from(size < 29 ? head : [...head, size - 29]);
}
