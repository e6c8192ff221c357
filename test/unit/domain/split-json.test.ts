import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { split } from '../../../domain/split-bytes';
import { itemSplitter, type ItemOptions } from '../../../domain/split-json';

/** The pieces with the way to them and their line, and whether the document ended in the midst of something. */
function items(document: string, options: ItemOptions = {}): { pieces: string[]; unfinished: boolean } {
  const splitter = itemSplitter(options);
  const pieces = split(Buffer.from(document), splitter).map(
    ({ path = [], bytes, line, tooLong }) => `${line} ${path.join('.')}:${tooLong ? '(too long)' : bytes.toString()}`,
  );
  return { pieces, unfinished: splitter.unfinished };
}

const of = (document: string, ...arrays: string[]): string[] => items(document, { arrays }).pieces;

describe('items of a JSON document', () => {
  it('are those of the arrays that are asked for, without what stands around them', () => {
    const bundle = '{"type":"bundle","x":{"objects":[9]},"objects": [ {"a":1}\n, {"objects":[1]} ],"z":[{"q":1}]}';
    assert.deepEqual(of(bundle, 'objects'), ['1 objects:{"a":1}', '2 objects:{"objects":[1]}']);
    const answer = '{"response":{"n":"]","Attribute":[{"a":1},{"b":2}],"m":1}}';
    assert.deepEqual(of(answer, 'response.Attribute'), [
      '1 response.Attribute:{"a":1}',
      '1 response.Attribute:{"b":2}',
    ]);
    assert.deepEqual(of('{"objects":[]}', 'objects'), []);
    assert.deepEqual(of('{"a\\"objects":[1],"objects":["objects",":["]}', 'objects'), [
      '1 objects:"objects"',
      '1 objects:":["',
    ]);
  });

  it('are those of an array at the top, and values without an array as a whole', () => {
    assert.deepEqual(of('\ufeff [1, {"a":[2,3]} ,"x,]"]', 'objects'), ['1 :1', '1 :{"a":[2,3]}', '1 :"x,]"']);
    assert.deepEqual(of('{"a":[1]}', 'objects'), ['1 :{"a":[1]}']);
    assert.deepEqual(of('{"objects":{"a":[1]}}', 'objects'), ['1 :{"objects":{"a":[1]}}']);
    assert.deepEqual(of('{"a":1}\n{"objects":[2]}{"b":3}\n"text" 4\n5', 'objects'), [
      '1 :{"a":1}',
      '2 objects:2',
      '2 :{"b":3}',
      '3 :"text" 4',
      '4 :5',
    ]);
  });

  it('that are broken spoil no other', () => {
    assert.deepEqual(of('[{"a":1}}, {"b":], {"c":3}]'), ['1 :{"a":1}}', '1 :{"b":]', '1 :{"c":3}']);
    assert.deepEqual(of('not JSON\n{"a":1}'), ['1 :not JSON', '2 :{"a":1}']);
  });

  it('end with the document, which is said to be unfinished', () => {
    assert.deepEqual(items('{"objects":[{"a":1},{"b":', { arrays: ['objects'] }), {
      pieces: ['1 objects:{"a":1}', '1 objects:{"b":'],
      unfinished: true,
    });
    assert.equal(items('[1').unfinished, true);
    assert.equal(items('{"a":"').unfinished, true);
    assert.equal(items('[1]\n').unfinished, false);
  });

  it('that are too long are not held', () => {
    const document = `{"objects":["${'a'.repeat(50)}",1]}`;
    assert.deepEqual(items(document, { arrays: ['objects'], longest: 20 }).pieces, [
      '1 objects:(too long)',
      '1 objects:1',
    ]);
  });

  it('are what JSON.parse finds, wherever the chunks are cut', () => {
    const document = fc.record({ before: fc.jsonValue(), objects: fc.array(fc.jsonValue()), after: fc.jsonValue() });
    fc.assert(
      fc.property(document, fc.constantFrom(undefined, 1), fc.integer({ min: 1, max: 9 }), (value, indent, size) => {
        const bytes = Buffer.from(JSON.stringify(value, null, indent));
        const splitter = itemSplitter({ arrays: ['objects'] });
        const found = [];
        for (let at = 0; at < bytes.length; at += size) found.push(...splitter.push(bytes.subarray(at, at + size)));
        found.push(...splitter.end());
        const read = found.map((piece) => JSON.parse(piece.bytes.toString()) as unknown);
        assert.deepEqual(read, JSON.parse(JSON.stringify(value.objects)));
        assert.equal(splitter.unfinished, false);
      }),
    );
  });
});
