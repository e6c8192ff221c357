import type { Fields } from '../document';

const LONGEST = 200_000;
const ELEMENT =
  /<([A-Za-z][\w.:-]{0,60})((?:\s{1,20}[\w:.-]{1,60}="[^"<]{0,2000}"|\s{1,20}[\w:.-]{1,60}='[^'<]{0,2000}'){0,20})\s{0,20}(?:\/>|>([^<]{0,50000})<\/\1\s{0,20}>)/g;
const ATTRIBUTE = /([\w:.-]{1,60})=(?:"([^"]{0,2000})"|'([^']{0,2000})')/g;
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

const decoded = (text: string): string =>
  text.replace(/&(?:(lt|gt|amp|quot|apos)|#(\d{1,6})|#x([0-9a-f]{1,5}));/gi, (_all, name, decimal, hex) => {
    if (typeof name === 'string') return ENTITIES[name.toLowerCase()] ?? '';
    return String.fromCodePoint(typeof decimal === 'string' ? Number(decimal) : Number.parseInt(String(hex), 16));
  });

interface Element {
  name: string;
  attributes: Record<string, string>;
  text: string;
}

function elementsOf(xml: string): Element[] {
  return [...xml.matchAll(ELEMENT)].map(([, name = '', attributes = '', text = '']) => ({
    name,
    attributes: Object.fromEntries(
      [...attributes.matchAll(ATTRIBUTE)].map(([, key = '', double, single]) => [key, decoded(double ?? single ?? '')]),
    ),
    text: decoded(text.trim()),
  }));
}

/** What stands between the tags of the name; undefined where there is no such element. */
function inside(xml: string, name: string): string | undefined {
  const start = new RegExp(String.raw`<${name}(?:\s[^>]{0,500})?>`).exec(xml);
  const end = xml.indexOf(`</${name}>`);
  return start && end > start.index ? xml.slice(start.index + start[0].length, end) : undefined;
}

/** An element is its text, or else its attributes: `<TimeCreated SystemTime="…"/>`. */
const valueOf = ({ attributes, text }: Element): unknown => (text === '' ? attributes : text);

function dataOf(xml: string): Fields {
  const elements = elementsOf(xml);
  const named = elements.flatMap((each) =>
    each.name === 'Data'
      ? each.attributes.Name === undefined
        ? []
        : [[each.attributes.Name, each.text] as const]
      : [[each.name, each.text] as const],
  );
  const unnamed = elements.filter(({ name, attributes }) => name === 'Data' && attributes.Name === undefined);
  const rest = unnamed.length > 0 ? { Data: unnamed.map(({ text }) => text) } : {};
  return { ...Object.fromEntries(named), ...rest };
}

/** An event of the Windows event log as XML, in the shape of its JSON; undefined for any other text. Linear time. */
export function readWindowsXml(text: string): Fields | undefined {
  // browsers put a minus before what they can fold
  if (!/^(?:- )?\s{0,20}(?:<\?xml[^>]{0,200}>\s{0,20})?<Event[\s>]/.test(text)) return undefined;
  const xml = text.slice(0, LONGEST);
  const system = inside(xml, 'System');
  if (system === undefined) return undefined;
  const message = elementsOf(inside(xml, 'RenderingInfo') ?? '').find(({ name }) => name === 'Message')?.text;
  return {
    Event: {
      System: {
        ...Object.fromEntries(elementsOf(system).map((each) => [each.name, valueOf(each)])),
        ...(message === undefined ? {} : { message }),
      },
      EventData: dataOf(inside(xml, 'EventData') ?? inside(xml, 'UserData') ?? ''),
    },
  };
}
