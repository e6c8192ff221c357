import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  arraySplitter,
  lineSplitter,
  split,
  valueSplitter,
  type Piece,
  type SplitOptions,
  type Splitter,
} from '../../../domain/split-bytes';

const SPLITTERS = { lineSplitter, arraySplitter, valueSplitter };
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const texts = (pieces: readonly Piece[]): string[] => pieces.map((piece) => piece.bytes.toString('latin1'));
const places = (pieces: readonly Piece[]) =>
  pieces.map(({ offset, end, line, endLine }) => [offset, end, line, endLine]);

/** The same document in chunks of `size` bytes. */
function inChunks(document: Buffer, splitter: Splitter, size: number): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < document.length; at += size) pieces.push(...splitter.push(document.subarray(at, at + size)));
  return [...pieces, ...splitter.end()];
}

describe('a document taken apart by bytes', () => {
  it('gives the items of an array as they were written', () => {
    const odd = ['{"a":"\xff\xc3"}', '{"n":12345678901234567890.10}', '"],{\\"\\\\"', '[1,[2]]', '-1e400', 'null'];
    const pieces = split(bytes(` [ ${odd.join(' ,\r\n')}\n] \n`), arraySplitter());
    assert.deepEqual(texts(pieces), odd);
    assert.deepEqual(
      pieces.map(({ line }) => line),
      [1, 2, 3, 4, 5, 6],
    );
    assert.deepEqual(texts(split(bytes('[ ]'), arraySplitter())), []);
    assert.deepEqual(texts(split(bytes('\xef\xbb\xbf[1,"\xef\xbb\xbf"]'), arraySplitter())), ['1', '"\xef\xbb\xbf"']);
  });

  it('gives values that follow each other, over as many lines as they take', () => {
    const document = bytes('\n{\n  "a": "}"\n}\n{"b":1}{"c":2}\n"text" 17');
    const pieces = split(document, valueSplitter());
    assert.deepEqual(texts(pieces), ['{\n  "a": "}"\n}', '{"b":1}', '{"c":2}', '"text"', '17']);
    assert.deepEqual(
      pieces.map(({ line, endLine }) => [line, endLine]),
      [
        [2, 4],
        [5, 5],
        [5, 5],
        [6, 6],
        [6, 6],
      ],
    );
  });

  it('gives the lines that hold something, with their indentation and without their ends', () => {
    const pieces = split(bytes('one\r\n\r\n   \n\ttwo \nthree'), lineSplitter());
    assert.deepEqual(texts(pieces), ['one', '\ttwo ', 'three']);
    assert.deepEqual(
      pieces.map(({ line }) => line),
      [1, 4, 5],
    );
  });

  it('says when the document stops in the midst', () => {
    for (const [document, unfinished] of [
      ['[{"a":1}', true],
      ['[{"a":1},', true],
      ['["a', true],
      ['[1]', false],
      ['', false],
    ] as const) {
      const splitter = arraySplitter();
      split(bytes(document), splitter);
      assert.equal(splitter.unfinished, unfinished, document);
    }
  });

  it('holds no piece that is too long, and goes on behind it', () => {
    for (const chunk of [1, 7, 1000]) {
      const pieces = inChunks(
        bytes(`{"a":1}\n{"b":"${'x'.repeat(100)}"}\n{"c":3}`),
        lineSplitter({ longest: 20 }),
        chunk,
      );
      assert.deepEqual(texts(pieces), ['{"a":1}', '', '{"c":3}']);
      assert.deepEqual(
        pieces.map(({ tooLong, line }) => [tooLong, line]),
        [
          [false, 1],
          [true, 2],
          [false, 3],
        ],
      );
    }
  });

  const documents = fc.oneof(
    fc.string({ unit: fc.constantFrom(...'{}[]",:\\ \n\r1a') }),
    fc
      .array(fc.json(), { maxLength: 5 })
      .chain((items) => fc.constantFrom(`[${items.join(',\n')}]`, items.join('\n'), items.join(' '))),
  );

  for (const [name, create] of Object.entries(SPLITTERS)) {
    it(`${name}: finds the same whatever the chunks are`, () => {
      fc.assert(
        fc.property(documents, fc.integer({ min: 1, max: 9 }), (text, size) => {
          const document = Buffer.from(text);
          assert.deepEqual(inChunks(document, create(), size), split(document, create()));
        }),
      );
    });

    it(`${name}: goes on from the end of any piece`, () => {
      fc.assert(
        fc.property(documents, fc.nat(), (text, pick) => {
          const document = Buffer.from(text);
          const whole = split(document, create());
          const index = whole.length === 0 ? 0 : pick % whole.length;
          const piece = whole[index];
          // what is no JSON may leave the level of its array: nobody goes on in the midst of that
          fc.pre(piece !== undefined && (create !== arraySplitter || isList(text)));
          const options: SplitOptions = { from: { offset: piece.end, line: piece.endLine } };
          const rest = split(document.subarray(piece.end), create(options));
          assert.deepEqual(places(rest), places(whole.slice(index + 1)));
        }),
      );
    });
  }

  it('agrees with JSON.parse', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.constantFrom(undefined, 1, '\t'), (items, indent) => {
        const pieces = split(Buffer.from(JSON.stringify(items, null, indent)), arraySplitter());
        assert.deepEqual(
          pieces.map((piece) => JSON.parse(piece.bytes.toString()) as unknown),
          JSON.parse(JSON.stringify(items)),
        );
      }),
    );
  });
});

function isList(text: string): boolean {
  try {
    return Array.isArray(JSON.parse(text));
  } catch {
    return false;
  }
}
